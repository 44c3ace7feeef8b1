"""The rules of every run: what may be skipped, what takes long, which clauses are proven.

With `CI=true` all real programs are there, so a skip is a failure. Elsewhere a missing program
skips its tests and says why. Tests marked `long` run with `--long` only.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.house.run_budget import BudgetWatch
from tests.house.run_clauses import ClauseWatch
from tests.house.run_spread import SpreadWatch

if TYPE_CHECKING:
    from tests.seaweed import Seaweed

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")

hypothesis.settings.register_profile("house", deadline=None, derandomize=IN_CI, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` runs what takes minutes, too."""
    parser.addoption("--long", action="store_true", help="run the tests marked long, too")


def pytest_configure(config: pytest.Config) -> None:
    """Set the watches."""
    config.pluginmanager.register(ClauseWatch(config, skips_count=IN_CI))
    config.pluginmanager.register(SpreadWatch())
    config.pluginmanager.register(BudgetWatch(long=config.getoption("long")))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless it was asked for."""
    if config.getoption("long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


@pytest.fixture(scope="session")
def s3() -> Iterator["Seaweed"]:
    """A real S3, for all of them."""
    from tests.seaweed import seaweed  # here, since most runs need none

    with seaweed() as running:
        yield running


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI nothing is missing, so nothing may be skipped; an expected failure stays one."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped (CI=true): {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Judge each test's skip."""
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Judge the skip of a whole file."""
    report = yield
    fail_if_skipped(report)
    return report


def pytest_report_header() -> str:
    """Say which rules hold."""
    return "a skip is a failure (CI=true)" if IN_CI else "a missing program skips its tests"
