"""Which packages fit a device, and what an alert would say of the others."""

import pytest

from fumo.package.fitness import Device, judge
from fumo.package.manifest import Manifest

RUNS = "0b" * 32
DEVICE = Device("lamp", "1.4", security_counter=3, hardware="r2", base_sha256=RUNS)


def manifest(**changes):
    said = {"model": "lamp", "version": "1.5", "length": 1, "sha256": "00" * 32} | changes
    return Manifest(**({"security_counter": 3} | said))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"from_version": "1.4"},
        {"security_counter": 4},
        {"version": "1.4"},  # the same again: a repair
        {"version": "1.3"},  # older, but of the same security level
        {"hardware": ("r1", "r2")},
        {"base_sha256": RUNS},
    ],
)
def test_what_fits(changes):
    assert judge(manifest(**changes), DEVICE) is None


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"model": "kettle"}, 403),
        ({"model": "Lamp"}, 403),
        ({"from_version": "1.3"}, 403),
        ({"hardware": ("r1", "r3")}, 403),
        ({"hardware": ("",)}, 403),
        ({"base_sha256": "00" * 32}, 403),
        ({"security_counter": 2}, 405),
        ({"format": "rauc"}, 405),
        ({"format": "of a later version"}, 405),
        ({"model": "kettle", "security_counter": 2}, 403),
    ],
)
def test_what_does_not_fit(changes, result):
    misfit = judge(manifest(**changes), DEVICE)
    assert misfit is not None
    assert misfit.result == result


def test_a_device_that_does_not_know_itself_takes_only_what_is_for_all():
    unknown = Device("lamp", "1.4")
    assert judge(manifest(), unknown) is None
    for changes in ({"hardware": ("r1",)}, {"base_sha256": RUNS}):
        misfit = judge(manifest(**changes), unknown)
        assert misfit is not None
        assert misfit.result == 403


def test_each_update_agent_takes_its_own_format():
    bundles = Device("lamp", "1.4", 3, formats=("rauc",))
    assert judge(manifest(format="rauc"), bundles) is None
    assert judge(manifest(), bundles) is not None
