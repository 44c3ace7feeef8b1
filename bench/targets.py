"""What we want of a benchmark, and whether it came: ratios of two times, a must and an aim each."""

from msgspec import Struct

from bench.page import table
from bench.rounds import Spread, ratios

Times = dict[str, list[float]]
"""How long each thing took, round by round."""


class Target(Struct, frozen=True):
    """What we want: the time of one thing in times of another, at least or at most so much."""

    what: str
    over: str
    under: str
    must: float
    aim: float
    short: str = ""
    """Why the aim is missed, where it is: what dominates, what was tried, what it would take."""

    def meets(self, ratio: float, limit: float) -> bool:
        """Whether a ratio is within a limit: more is better where the aim is more."""
        return ratio >= limit if self.aim > self.must else ratio <= limit


class Verdict(Struct, frozen=True):
    """What came of one target for one message; no ratio where a peer was missing."""

    target: Target
    message: str
    ratio: Spread | None

    @property
    def holds(self) -> bool:
        """Whether the must holds."""
        return self.says != "MISSED" and self.ratio is not None

    @property
    def says(self) -> str:
        """In a word."""
        if self.ratio is None:
            return "not measured"
        if self.target.meets(self.ratio.median, self.target.aim):
            return "aim"
        return "must" if self.target.meets(self.ratio.median, self.target.must) else "MISSED"


def judge(target: Target, message: str, took_us: Times) -> Verdict:
    """What came of a target."""
    measured = target.over in took_us and target.under in took_us
    ratio = ratios(took_us[target.over], took_us[target.under]) if measured else None
    return Verdict(target, message, ratio)


def verdict_table(verdicts: list[Verdict], of: str = "message") -> str:
    """Every target, and whether it holds."""
    rows = [
        [
            verdict.target.what,
            verdict.message,
            "-" if verdict.ratio is None else str(verdict.ratio),
            f"{'≥' if verdict.target.aim > verdict.target.must else '≤'} {verdict.target.must:g}",
            f"{verdict.target.aim:g}",
            verdict.says,
        ]
        for verdict in verdicts
    ]
    return table(["target", of, "ratio", "must", "aim", "holds"], rows)


def reasons(verdicts: list[Verdict]) -> list[str]:
    """A paragraph for each aim that is missed."""
    missed = {verdict.target: None for verdict in verdicts if verdict.says in ("must", "MISSED")}
    return [f"**{target.what}**: the aim is missed. {target.short}" for target in missed]
