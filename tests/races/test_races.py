"""Races of pause, resume, stop, cancel, retry and next-group against messages and alerts."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.races.machine import Races

EXAMPLES = {"sqlite": 50, "postgresql": 15}
STEPS = 40
PHASES = (Phase.generate,) if os.environ.get("CI") else (Phase.generate, Phase.shrink)
"""At a desk what is found is made small, which takes minutes."""


@pytest.mark.clause("S08")
def test_no_order_of_events_breaks_a_promise(
    request: pytest.FixtureRequest, databases: Callable[[], Path | str]
):
    machine = type("Races", (Races,), {"where": staticmethod(databases)})
    kind = "postgresql" if "postgresql" in request.node.name else "sqlite"
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[kind],
            stateful_step_count=STEPS,
            phases=PHASES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
