"""Tells after a run how long each suite took, and where `tests/budget.toml` allows less.

Only tells: a slow machine is no failure.
"""

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

TABLE = Path(__file__).resolve().parents[1] / "budget.toml"


def suite_of(nodeid: str) -> str:
    """The folder under tests/ that a test is in."""
    parts = nodeid.split("::")[0].split("/")
    return parts[1] if len(parts) > 2 else "."


def lines(took_s: dict[str, float], budget_s: dict[str, float]) -> list[str]:
    """One line a suite, the slow ones said so."""
    said = []
    for suite, seconds in sorted(took_s.items()):
        allowed = budget_s.get(suite, budget_s["other"])
        over = "  OVER BUDGET" if seconds > allowed else ""
        said.append(f"{suite:10} {seconds:7.1f} s of {allowed:g} s{over}")
    return said


class BudgetWatch:
    """The pytest plugin."""

    def __init__(self, *, long: bool) -> None:
        """Take the table for the kind of run."""
        table = tomllib.loads(TABLE.read_text("utf-8"))
        self.budget_s: dict[str, float] = table["long" if long else "fast"]
        self.took_s: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what a test took, setting up and cleaning up included."""
        self.took_s[suite_of(report.nodeid)] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell."""
        if self.took_s:
            terminalreporter.section("time by suite")
            terminalreporter.write_line("\n".join(lines(self.took_s, self.budget_s)))
