"""Watches a run of the tests: which clauses had a passing test.

At the end of a whole run it fails when a due row of CLAUSES.md has none. A run of a part says
nothing, for it has not tried. A mark that no row has stops any run at once.
"""

from collections.abc import Collection, Mapping

import pytest

from tests.house.clauses import BOOK, due_clauses, read_clauses


def verdict(
    text: str, passed: Collection[str], other: Mapping[str, str], *, skips_count: bool
) -> list[str]:
    """What is wrong after a whole run, one line a clause."""
    waived = {name for name, how in other.items() if how == "skipped" and not skips_count}
    unproven = set(due_clauses(text)) - set(passed) - waived
    return [f"{name}: no test has passed" for name in sorted(unproven)]


def named_by(item: pytest.Item) -> set[str]:
    """The clauses that a test names."""
    return {name for mark in item.iter_markers("clause") for name in mark.args}


class ClauseWatch:
    """The pytest plugin."""

    def __init__(self, config: pytest.Config, *, skips_count: bool) -> None:
        """Remember whether this run is whole: no chosen files, words or marks."""
        chosen = config.args_source == pytest.Config.ArgsSource.ARGS
        narrowing = ("keyword", "markexpr", "lf", "maxfail")
        narrowed = any(config.getoption(name, default=None) for name in narrowing)
        self.whole = not chosen and not narrowed and not config.getoption("collectonly")
        self.skips_count = skips_count
        self.names: dict[str, set[str]] = {}
        self.passed: set[str] = set()
        self.other: dict[str, str] = {}
        self.complaints: list[str] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuse a mark that no row has."""
        known = set(read_clauses(BOOK.read_text("utf-8")))
        for item in items:
            self.names[item.nodeid] = named_by(item)
            if unknown := self.names[item.nodeid] - known:
                raise pytest.UsageError(f"{item.nodeid}: not in CLAUSES.md: {sorted(unknown)}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what each clause's tests did."""
        names = self.names.get(report.nodeid, set())
        if report.when == "call" and report.passed:
            self.passed |= names
        elif not report.passed:
            how = "failed" if hasattr(report, "wasxfail") else report.outcome
            self.other.update(dict.fromkeys(names, how))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge a whole run."""
        if not self.whole:
            return
        text = BOOK.read_text("utf-8")
        self.complaints = verdict(text, self.passed, self.other, skips_count=self.skips_count)
        if self.complaints and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what is unproven."""
        if self.complaints:
            terminalreporter.section("clauses due now without a proof")
            terminalreporter.write_line("\n".join(self.complaints))
