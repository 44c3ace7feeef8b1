"""The fuzz targets themselves: each takes what it begins with, so fuzzing starts deep."""

import pytest

from fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_what_it_begins_with(name: str):
    taken = [TARGETS[name].give(seed) for seed in TARGETS[name].seeds()]
    assert any(taken), "no seed reaches deep"
