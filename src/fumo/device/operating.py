"""What people ask of the running agent, carried out between two turns of its loop.

A command is judged by what the journal tells at that moment, and its answer leaves only when what
it did is saved. Nothing is begun here: a check is a session that becomes due.
"""

from collections.abc import Callable, Mapping

from fumo.device.control import (
    Agree,
    Asked,
    Cancel,
    Check,
    Controls,
    Defer,
    Said,
    SessionStanding,
    Standing,
    Wish,
)
from fumo.device.memory import Memory
from fumo.device.standing import object_standing
from fumo.device.wishing import Wishes
from fumo.device.works import Works
from fumo.update.operation import Policy
from fumo.update.tally import Word
from fumo.update.target import open_operation


class Operating:
    """The desk at which an agent is asked."""

    def __init__(
        self,
        names: Mapping[str, str],
        memory: Memory,
        works: Works,
        wishes: Wishes,
        controls: Controls,
        policy: Policy,
    ) -> None:
        """`names` are the objects' own, by their addresses."""
        self._names, self._memory, self._works = names, memory, works
        self._wishes = wishes
        self._controls, self._policy = controls, policy

    def hear(self) -> bool:
        """Carry out what was asked since; does anybody want a session now? Never waits."""
        asked = self._controls.take()
        for one in asked:
            one.answer(self._do(one))
        return any(isinstance(one.command, Check) for one in asked)

    def tell(self, session: SessionStanding) -> None:
        """How everything stands now."""
        objects = tuple(
            object_standing(name, self._memory.targets[uri], self._works.waits(uri), self._policy)
            for uri, name in self._names.items()
        )
        self._controls.stands(Standing(session, objects, self._memory.boot_id))

    def _do(self, asked: Asked) -> Said:
        match asked.command:
            case Check():
                return Said(True, "a session with the server begins")
            case Cancel() as wish:
                return self._wish(wish, self._wishes.cancel, "it ends")
            case Defer(seconds=seconds) as wish:
                return self._wish(wish, lambda uri: self._wishes.defer(uri, seconds), "put off")
            case Agree() as wish:
                return self._wish(wish, lambda uri: self._wishes.answer(uri, Word.YES), "agreed")

    def _wish(self, wish: Wish, do: Callable[[str], str], done: str) -> Said:
        """For the object that is meant, which must have an operation that goes on."""
        going_on = {uri: one for uri in self._names if (one := self._going_on(uri)) is not None}
        if wish.object is None and len(going_on) > 1:
            several = ", ".join(self._names[uri] for uri in going_on)
            return Said(False, f"several operations go on, name one of them: {several}")
        meant = [uri for uri in self._names if wish.object in (None, self._names[uri])]
        if not meant:
            names = ", ".join(self._names.values())
            return Said(False, f"no object {wish.object}; there are {names}")
        uri = next((one for one in meant if one in going_on), None)
        if uri is None:
            return Said(False, "no operation goes on")
        if wish.operation not in (None, going_on[uri]):
            return Said(False, f"operation {wish.operation} does not go on any more")
        why_not = do(uri)
        return Said(not why_not, why_not or done)

    def _going_on(self, uri: str) -> int | None:
        operation = open_operation(self._memory.targets[uri])
        return operation.order.op_id if operation else None
