"""What a person asks of operations from outside: cancel, put off, agree; and why one waits.

    agent.wishes.defer("./FwUpdate/Primary", 3600.0) -> "" or why not

Belongs to the loop: to be called in its thread, by whoever listens to people. What was answered ""
is in the journal. What is cancelled while an effect runs ends when that effect does: a checkpoint
is fetched to its end, which is seconds.
"""

from collections.abc import Mapping

from fumo.device.gatekeeper import Gatekeeper, Waiting
from fumo.device.memory import Memory
from fumo.device.ports import Log
from fumo.device.work import Work
from fumo.update.rule import Gates
from fumo.update.tally import Word
from fumo.update.wishes import answer, cancel, defer, refuse


class Wishes:
    """Those of all FUMO objects, by address."""

    def __init__(
        self,
        memory: Memory,
        gates: Gates,
        works: Mapping[str, Work],
        keepers: Mapping[str, Gatekeeper],
        log: Log,
    ) -> None:
        """`works` and `keepers` have a row for each object."""
        self._memory, self._gates, self._log = memory, gates, log
        self._works, self._keepers = works, keepers

    def waiting(self, uri: str) -> Waiting | None:
        """What its operation waits for at a gate, if it does."""
        return self._keepers[uri].waiting

    def cancel(self, uri: str) -> str:
        """End it as the user's wish (401); "" if that is done, or done in a moment."""
        work, target = self._works[uri], self._memory.targets[uri]
        wish = refuse(target) if work.busy else cancel(target)
        if isinstance(wish, str):
            return wish
        self._memory.happens(uri, wish)
        if work.busy:
            work.cancels(wish.op_id)  # also if nothing asks a gate for long
        self._log("Cancelled", operation=wish.op_id)
        return ""

    def defer(self, uri: str, seconds: float | None = None) -> str:
        """Put it off, by the rule's time where none is said."""
        wish = defer(self._memory.targets[uri], self._gates, seconds)
        if isinstance(wish, str):
            return wish
        tally = wish.tally
        self._memory.happens(uri, wish)
        self._log("Deferred", operation=wish.op_id, stage=tally.stage, n=tally.deferrals)
        return ""

    def answer(self, uri: str, word: Word) -> str:
        """A person's word about what the operation comes to next."""
        wish = answer(self._memory.targets[uri], self._gates, word)
        if isinstance(wish, str):
            return wish
        self._memory.happens(uri, wish)
        self._log("Answered", operation=wish.op_id, stage=wish.tally.stage, word=word)
        return ""
