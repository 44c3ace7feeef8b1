"""An Atomic while it is tried: nothing is saved before all of its commands went well.

So rolling back is forgetting, and cannot fail: what was done is told 216, never 516. The command
that failed keeps its own Status, what came after it is told 215 (DM RepPro §6.6.2).
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from fumo.codes import Status
from fumo.dm.message import Add, Alert, Command, Copy, Delete, Replace
from fumo.dm.session import Answer, Ref
from fumo.tree.apply import changed
from fumo.tree.node import Change, Outcome, Tree

MAY_BE_IN = Add | Alert | Copy | Delete | Replace


class Attempt:
    """What the commands gave so far, on a tree of its own."""

    def __init__(self, tree: Tree) -> None:
        """`tree` as it is before the Atomic."""
        self.tree = tree
        self.changes: tuple[Change, ...] = ()
        self.failed = False
        self._done: list[tuple[Ref, list[Outcome]]] = []
        self._rest: list[Answer] = []

    def takes(self, ref: Ref, outcomes: tuple[Outcome, ...]) -> None:
        """One more command was tried; what follows its first failure is not done."""
        told: list[Outcome] = []
        for outcome in outcomes:
            if self.failed:
                told.append(Outcome(Status.NOT_EXECUTED, outcome.target))
                continue
            told.append(replace(outcome, changes=()))
            self.failed = outcome.code != Status.OK
            self.changes += outcome.changes
            self.tree = changed(self.tree, outcome.changes)
        self._done.append((ref, told))

    def passes_over(self, answers: Iterable[Answer]) -> None:
        """A command after the failure."""
        self._rest += answers

    def ends(self, saved: Status) -> None:
        """How saving went: when there is no room, the last command is the one that failed."""
        if saved != Status.OK:
            self.failed = True
            ref, told = self._done[-1]
            self._done[-1] = ref, [*told[:-1], replace(told[-1], code=saved)]

    def answers(self) -> Iterator[Answer]:
        """A Status for each command, or for each of its Items."""
        for ref, told in self._done:
            yield from answers_of(ref, [self._rolled_back(one) for one in told])
        yield from self._rest

    def _rolled_back(self, outcome: Outcome) -> Outcome:
        good = self.failed and outcome.code == Status.OK
        return replace(outcome, code=Status.ROLLED_BACK, items=()) if good else outcome


def refused(ref: Ref, command: Command) -> Status | None:
    """Why a command may not be in an Atomic, if so: no Get, no Exec, nothing with an inside."""
    if ref.cmd_id == 0:
        return Status.BAD_REQUEST  # DM RepPro §6.1: CmdID is required
    return None if isinstance(command, MAY_BE_IN) else Status.FAILED


def answers_of(ref: Ref, outcomes: list[Outcome]) -> Iterator[Answer]:
    """One Status if all is alike; else one for each Item, which it names (DM Protocol §8.3)."""
    if len({outcome.code for outcome in outcomes}) == 1:
        items = tuple(item for outcome in outcomes for item in outcome.items)
        results = tuple(item for outcome in outcomes for item in outcome.results)
        yield Answer(ref, outcomes[0].code, items, results)
        return
    for one in outcomes:
        yield Answer(ref, one.code, one.items, one.results, (one.target,))
