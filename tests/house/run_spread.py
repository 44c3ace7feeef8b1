"""Spreads a run over processes (xdist): a file goes to one of them, in the order of the folders.

Files whose tests share nothing and take long each are given out test by test, or one process would
still be at work on them when the other has nothing left.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

APART = ("tests/mutants/test_mutants.py", "tests/siege/test_siege.py")


class Spread(LoadFileScheduling):
    """The scheduler of `--dist loadfile`, for our files."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(APART) else super()._split_scope(nodeid)


class SpreadWatch:
    """The pytest plugin."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Spread | None:
        """Ours for files; any other way that was asked for is xdist's own."""
        return Spread(config, log) if config.getoption("dist") == "loadfile" else None
