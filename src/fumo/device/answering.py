"""What a server's commands get: the tree judges, the FUMO object's owner decides on Exec.

Everything an answer promises is saved before the answer is given back: an accepted Exec (record
D1) before its 202, a written node before its 200, PkgData (D3h) before its 200.
"""

from collections.abc import Iterator, Sequence

from fumo.codes import AlertCode, Status
from fumo.device import fumo_object
from fumo.device.agreed import Agreed
from fumo.device.all_or_none import Attempt, answers_of, refused
from fumo.device.memory import Memory
from fumo.device.nodes import Nodes
from fumo.device.ports import User
from fumo.device.setup import Setup
from fumo.dm import ui
from fumo.dm.kept import items_of, with_items
from fumo.dm.message import Alert, Atomic, Command, Get, Item, name_of
from fumo.dm.message import Sequence as InOrder
from fumo.dm.session import Answer, Asked, Ref
from fumo.tree.apply import apply
from fumo.tree.node import Executed, Outcome, Tree
from fumo.update.execute import Accept, judge
from fumo.update.operation import Order
from fumo.update.wishes import agreed

QUESTIONS = ui.KINDS - {AlertCode.DISPLAY}
QUESTIONS_MAX = 16  # UI alerts of one message that are shown; the rest time out (408)
HEARD = (AlertCode.NEXT_MESSAGE, AlertCode.SESSION_ABORT)


class Answering:
    """Answers the commands of an authenticated server."""

    def __init__(self, setup: Setup, memory: Memory, nodes: Nodes, user: User) -> None:
        """`user` is asked what UI alerts ask."""
        self._setup, self._memory, self._nodes, self._user = setup, memory, nodes, user
        self._objects = tuple(fumo_object.address(name) for name in setup.objects)
        self._stopped: tuple[str, int] | None = None
        self._alone: tuple[str, int] | None = None
        self._questions: tuple[tuple[str, int], int] = (("", 0), 0)
        self._agreed = Agreed()

    def answer(self, session_id: str, asked: Asked) -> list[Answer]:
        """The answers to one command, those to the commands in it included."""
        ref, command = asked.ref, asked.command
        if self._stopped == (session_id, ref.msg_id):
            return list(_passed_over(ref, command))
        if ref.cmd_id == 0:
            return [Answer(ref, Status.BAD_REQUEST)]  # DM RepPro §6.1: CmdID is required
        match command:
            case InOrder():
                rest = self._in_order(session_id, ref, command.commands)
                return [Answer(ref, Status.OK), *rest]
            case Atomic():
                return list(self._all_or_none(session_id, ref, command))
            case Alert():
                return [self._alerted(session_id, ref, command)]
            case _:
                return list(self._on_tree(session_id, ref, command))

    def _in_order(self, session_id: str, ref: Ref, commands: Sequence[Command]) -> Iterator[Answer]:
        """In this order; after a question that was not answered with yes nothing is done (215)."""
        skipping = False
        for command in commands:
            inner = Ref(ref.msg_id, command.cmd_id, name_of(command))
            if skipping:
                yield from _passed_over(inner, command)
                continue
            answers = self.answer(session_id, Asked(inner, command))
            yield from answers
            question = isinstance(command, Alert) and command.code in QUESTIONS
            skipping = question and answers[0].code != Status.OK

    def _all_or_none(self, session_id: str, ref: Ref, atomic: Atomic) -> Iterator[Answer]:
        """All of its commands in one commit, or none of them (DM RepPro §6.6.2)."""
        attempt = Attempt(self._nodes.tree())
        for command in atomic.commands:
            inner = Ref(ref.msg_id, command.cmd_id, name_of(command))
            if attempt.failed:
                attempt.passes_over(_passed_over(inner, command))
            else:
                attempt.takes(inner, self._tried(session_id, inner, command, attempt.tree))
                attempt.passes_over(_inside(ref, command))
        if not attempt.failed and attempt.changes:
            attempt.ends(self._nodes.write(attempt.changes))
        yield Answer(ref, Status.ATOMIC_FAILED if attempt.failed else Status.OK)
        yield from attempt.answers()

    def _tried(
        self, session_id: str, ref: Ref, command: Command, tree: Tree
    ) -> tuple[Outcome, ...]:
        """What one command of an Atomic would do to the tree as the commands before left it."""
        if (why := refused(ref, command)) is not None:
            return (Outcome(why, ""),)
        if isinstance(command, Alert):
            answer = self._alerted(session_id, ref, command)
            return (Outcome(Status(answer.code), "", answer.items),)
        outcomes = apply(tree, command, self._nodes.caller)
        changes = [change for outcome in outcomes for change in outcome.changes]
        if any(map(self._nodes.writes_package, changes)):
            return (Outcome(Status.FAILED, ""),)  # only one package is held: there is no way back
        return outcomes

    def _alerted(self, session_id: str, ref: Ref, alert: Alert) -> Answer:
        """Ask the user what a UI alert asks; a cancel ends the work of this message."""
        if alert.code not in ui.KINDS:
            return Answer(ref, Status.OK if alert.code in HEARD else Status.NOT_SUPPORTED)
        asked = ui.question(alert)
        if isinstance(asked, Status):
            return Answer(ref, asked)
        message = session_id, ref.msg_id
        reply = self._user.ask(asked) if self._may_ask(message) else ui.Said.TIMED_OUT
        if reply is ui.Said.CANCELLED:
            self._stopped = message
        elif reply is ui.Said.TIMED_OUT:
            self._alone = message
        self._agreed.hears(session_id, asked, reply)
        return Answer(ref, *ui.status(asked, reply))

    def _may_ask(self, message: tuple[str, int]) -> bool:
        """Who let one question of a message pass is not asked its others, nor is anybody for ever.

        Each may wait for minutes, and sessions and work wait with it.
        """
        counted, number = self._questions
        self._questions = message, number + 1 if counted == message else 1
        return self._alone != message and self._questions[1] <= QUESTIONS_MAX

    def _on_tree(self, session_id: str, ref: Ref, command: Command) -> Iterator[Answer]:
        """Item by Item, each saved before the next: a later one may build on an earlier one."""
        done = [
            self._done(session_id, ref, outcome)
            for one in _singly(command)
            for outcome in apply(self._nodes.tree(), one, self._nodes.caller)
        ]
        yield from answers_of(ref, done)

    def _done(self, session_id: str, ref: Ref, outcome: Outcome) -> Outcome:
        """The outcome once its effects are saved."""
        if outcome.executed is not None:
            return self._ordered(session_id, ref, outcome, outcome.executed)
        if not outcome.changes:
            return outcome
        return Outcome(self._nodes.write(outcome.changes), outcome.target, outcome.items)

    def _ordered(self, session_id: str, ref: Ref, outcome: Outcome, executed: Executed) -> Outcome:
        """Judge an Exec; an accepted one is saved before its 202 is given (invariant I9)."""
        ordered = fumo_object.ordered(self._objects, executed.uri)
        if ordered is None:
            return Outcome(Status.NOT_ALLOWED, outcome.target)
        uri, kind = ordered
        where = fumo_object.pkg_url(uri, kind)
        order = Order(
            op_id=self._memory.next_op_id,
            server=self._setup.account.peer.name,
            object_uri=uri,
            kind=kind,
            correlator=executed.correlator,
            session_id=session_id,
            msg_id=ref.msg_id,
            cmd_id=ref.cmd_id,
            url=self._nodes.value(where) if where else None,
        )
        verdict = judge(self._memory.targets[uri], order)
        if isinstance(verdict, Accept):
            self._memory.happens(uri, verdict.happening)
            self._consented(session_id, verdict.happening.order)
            return Outcome(Status.ACCEPTED, outcome.target)
        items = (Item(data=verdict.text),) if verdict.text else ()
        return Outcome(verdict.code, outcome.target, items)

    def _consented(self, session_id: str, order: Order) -> None:
        """The user agreed to this already, when the server asked."""
        if self._agreed.taken(session_id) and self._setup.ui_alert_agrees:
            for tallied in agreed(order, self._setup.gates):
                self._memory.happens(order.object_uri, tallied)


def _singly(command: Command) -> Iterator[Command]:
    """The same command on each of its Items by itself; a Get changes nothing and stays whole."""
    items = () if isinstance(command, Get) else items_of(command)
    if len(items) < 2:
        yield command
        return
    for item in items:
        yield with_items(command, (item,))


def _passed_over(ref: Ref, command: Command) -> Iterator[Answer]:
    """215 for a command that was not done, and for all in it."""
    yield Answer(ref, Status.NOT_EXECUTED)
    yield from _inside(ref, command)


def _inside(ref: Ref, command: Command) -> Iterator[Answer]:
    """215 for all that is in a command that was not done."""
    for one in command.commands if isinstance(command, Atomic | InOrder) else ():
        yield from _passed_over(Ref(ref.msg_id, one.cmd_id, name_of(one)), one)
