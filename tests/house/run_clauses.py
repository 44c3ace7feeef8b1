"""Watches a run of the tests: which clauses had a passing test.

At the end of a whole run it fails when a due row of CLAUSES.md has none. A run of a part says
nothing, for it has not tried. A test with a mark that no row has fails.

A run may be spread over processes (xdist): each report carries the clauses of its test, and the
one process that hears all reports judges.
"""

from collections.abc import Collection, Iterator, Mapping

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
        self.hears_all = not hasattr(config, "workerinput")
        self.skips_count = skips_count
        self.known = set(read_clauses(BOOK.read_text("utf-8")))
        self.passed: set[str] = set()
        self.other: dict[str, str] = {}
        self.complaints: list[str] = []

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Fail a test with a mark that no row has."""
        if unknown := named_by(item) - self.known:
            pytest.fail(f"not in CLAUSES.md: {sorted(unknown)}", pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Write the clauses of a test on its report, where every process can read them."""
        report = yield
        report.clauses = sorted(named_by(item))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what each clause's tests did."""
        names: list[str] = getattr(report, "clauses", [])  # none where a process died
        if report.when == "call" and report.passed:
            self.passed.update(names)
        elif not report.passed:
            how = "failed" if hasattr(report, "wasxfail") else report.outcome
            self.other.update(dict.fromkeys(names, how))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge a whole run."""
        if not self.whole or not self.hears_all:
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
