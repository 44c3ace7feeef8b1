"""The verdict on a run: one sentence of results, and an exit code.

    python -m fumo.fleet.verdict FOLDER      judges stored evidence again

Exit code 0 only when nothing is broken and nothing is missing.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from fumo.fleet import checkers
from fumo.fleet.evidence import Began, Killed, Record, load
from fumo.fleet.gaps import gaps, survived, updated
from fumo.fleet.timeline import of

SHOWN_MAX = 10


class Verdict(Struct, frozen=True):
    """What the evidence says. Each tuple holds one line for each thing that is wrong."""

    devices: int
    updated: int
    survived: int
    kills: int
    late_fetches: tuple[str, ...]
    late_writes: tuple[str, ...]
    lost: tuple[str, ...]
    twice: tuple[str, ...]
    others: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """All that is broken or missing."""
        counted = (*self.late_fetches, *self.late_writes, *self.lost, *self.twice)
        return (*counted, *self.others, *self.missing)

    @property
    def exit_code(self) -> int:
        """0 when nothing is wrong."""
        return 1 if self.wrong else 0

    def sentence(self) -> str:
        """The results in one line."""
        return (
            f"{self.updated} of {self.devices} devices updated, "
            f"{self.survived} temporary failures and {self.kills} kills survived, "
            f"{len(self.late_fetches)} packages fetched by an operation after its alert, "
            f"{len(self.late_writes)} slots written by an operation after its alert, "
            f"{len(self.lost)} results lost, {len(self.twice)} results counted twice."
        )


def judge(records: Iterable[Record]) -> Verdict:
    """Judge evidence; any order of records."""
    records = tuple(records)
    others = (checkers.changed_results, checkers.unordered_results, checkers.unasked_orders)
    return Verdict(
        devices=sum(len(began.devices) for began in of(Began, records)),
        updated=len(updated(records)),
        survived=survived(records),
        kills=len(of(Killed, records)),
        late_fetches=tuple(checkers.late_fetches(records)),
        late_writes=tuple(checkers.late_writes(records)),
        lost=tuple(checkers.lost_results(records)),
        twice=tuple(checkers.double_results(records)),
        others=tuple(line for checker in others for line in checker(records)),
        missing=tuple(gaps(records)),
    )


def main(words: Sequence[str]) -> int:
    """Judge the evidence in a folder."""
    try:
        verdict = judge(load(Path(words[0])))
    except (IndexError, OSError, msgspec.MsgspecError) as error:
        print(f"no evidence that can be read: {error}", file=sys.stderr)
        return 1
    for line in verdict.wrong[:SHOWN_MAX]:
        print(f"wrong: {line}", file=sys.stderr)
    print(verdict.sentence())
    return verdict.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
