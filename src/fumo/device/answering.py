"""What a server's commands get: the tree judges, the FUMO object's owner decides on Exec.

Everything an answer promises is saved before the answer is given back: an accepted Exec (record
D1) before its 202, a written leaf before its 200, PkgData (D3h) before its 200.
"""

import errno
from collections.abc import Iterator, Sequence

from fumo.codes import AlertCode, Status
from fumo.device import fumo_object
from fumo.device.memory import Memory
from fumo.device.ports import Downloader
from fumo.device.setup import Setup
from fumo.dm.message import Alert, Command, Item, name_of
from fumo.dm.message import Sequence as InOrder
from fumo.dm.session import Answer, Asked, Ref
from fumo.tree import objects
from fumo.tree.apply import apply
from fumo.tree.node import Change, Executed, Outcome, Tree
from fumo.update.execute import Accept, judge
from fumo.update.happening import PackageReplaced
from fumo.update.operation import Order

WANTS_AN_ANSWER = (
    AlertCode.CONFIRM,
    AlertCode.TEXT_INPUT,
    AlertCode.SINGLE_CHOICE,
    AlertCode.MULTIPLE_CHOICE,
)


class Answering:
    """Answers the commands of an authenticated server."""

    def __init__(self, setup: Setup, memory: Memory, downloader: Downloader) -> None:
        """`downloader` stores PkgData."""
        self._setup = setup
        self._memory = memory
        self._downloader = downloader
        self._object = fumo_object.address(setup.object_name)

    def tree(self) -> Tree:
        """All nodes, as they are now."""
        device = self._setup.description
        known = objects.root() | objects.dev_info(device) | objects.dev_detail(device)
        ours = fumo_object.nodes(self._object, self._memory.target, self._memory.leaves())
        return known | objects.dm_acc(device) | ours

    def answer(self, session_id: str, asked: Asked) -> list[Answer]:
        """The answers to one command, a Sequence's own commands included."""
        ref, command = asked.ref, asked.command
        if ref.cmd_id == 0:
            return [Answer(ref, Status.BAD_REQUEST)]  # DM RepPro §6.1: CmdID is required
        if isinstance(command, InOrder):
            return [Answer(ref, Status.OK), *self._in_order(session_id, ref, command.commands)]
        if isinstance(command, Alert):
            return [Answer(ref, _alert_status(command))]
        return list(self._on_tree(session_id, ref, command))

    def _in_order(self, session_id: str, ref: Ref, commands: Sequence[Command]) -> Iterator[Answer]:
        """In this order; what follows a question that nobody can answer is not done (215)."""
        skipping = False
        for command in commands:
            inner = Ref(ref.msg_id, command.cmd_id, name_of(command))
            if skipping:
                yield Answer(inner, Status.NOT_EXECUTED)
                continue
            yield from self.answer(session_id, Asked(inner, command))
            skipping = isinstance(command, Alert) and command.code in WANTS_AN_ANSWER

    def _on_tree(self, session_id: str, ref: Ref, command: Command) -> Iterator[Answer]:
        outcomes = apply(self.tree(), command, self._setup.description.limits)
        done = [self._done(session_id, ref, outcome) for outcome in outcomes]
        if len({outcome.code for outcome in done}) == 1:
            items = tuple(item for outcome in done for item in outcome.items)
            results = tuple(item for outcome in done for item in outcome.results)
            yield Answer(ref, done[0].code, items, results)
            return
        # DM Protocol §8.3: different outcomes have a Status each, which names its Item.
        for outcome in done:
            yield Answer(ref, outcome.code, outcome.items, outcome.results, (outcome.target,))

    def _done(self, session_id: str, ref: Ref, outcome: Outcome) -> Outcome:
        """The outcome once its effects are saved."""
        if outcome.executed is not None:
            return self._ordered(session_id, ref, outcome, outcome.executed)
        if not outcome.changes:
            return outcome
        return Outcome(self._written(outcome.changes), outcome.target, outcome.items)

    def _ordered(self, session_id: str, ref: Ref, outcome: Outcome, executed: Executed) -> Outcome:
        """Judge an Exec; an accepted one is saved before its 202 is given (invariant I9)."""
        kind = fumo_object.kind_of(self._object, executed.uri)
        if kind is None:
            return Outcome(Status.NOT_ALLOWED, outcome.target)
        where = fumo_object.pkg_url(self._object, kind)
        order = Order(
            op_id=0,
            server=self._setup.account.peer.name,
            object_uri=self._object,
            kind=kind,
            correlator=executed.correlator,
            session_id=session_id,
            msg_id=ref.msg_id,
            cmd_id=ref.cmd_id,
            url=self._memory.leaves().get(where) if where else None,
        )
        verdict = judge(self._memory.target, order)
        if isinstance(verdict, Accept):
            self._memory.happens(verdict.happening)
            return Outcome(Status.ACCEPTED, outcome.target)
        items = (Item(data=verdict.text),) if verdict.text else ()
        return Outcome(verdict.code, outcome.target, items)

    def _written(self, changes: tuple[Change, ...]) -> Status:
        """Save what a command wrote: PkgData as the package, all else as leaves."""
        data = fumo_object.pkg_data(self._object)
        if changes[0].uri == data and changes[0].node is not None:
            return self._stored(changes[0].node.value)
        if not fumo_object.has_room(self._object, self._memory.leaves(), changes):
            return Status.DEVICE_FULL
        keep = {change.uri: fumo_object.kept(self._object, change) for change in changes}
        self._memory.journal.save_leaves(keep)
        return Status.OK

    def _stored(self, value: str | bytes) -> Status:
        """PkgData: on disk and in the journal before it is answered."""
        data = value if isinstance(value, bytes) else value.encode()
        try:
            happening = self._downloader.store(data)
        except OSError as error:
            if self._memory.target.held is not None:
                self._memory.happens(PackageReplaced(None))  # what was held is gone, too
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            return Status.DEVICE_FULL if full else Status.FAILED
        self._memory.happens(happening)
        return Status.OK


def _alert_status(alert: Alert) -> Status:
    """We ask nobody: UI alerts are an optional feature (DM Protocol §8.7)."""
    known = (AlertCode.NEXT_MESSAGE, AlertCode.SESSION_ABORT)
    return Status.OK if alert.code in known else Status.NOT_SUPPORTED
