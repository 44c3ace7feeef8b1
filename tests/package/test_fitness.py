"""Which packages fit a device, and what an alert would say of the others."""

import pytest

from fumo.package.fitness import Device, judge
from fumo.package.manifest import Manifest

DEVICE = Device("lamp", "1.4", security_counter=3)


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
        ({"security_counter": 2}, 405),
    ],
)
def test_what_does_not_fit(changes, result):
    misfit = judge(manifest(**changes), DEVICE)
    assert misfit is not None
    assert misfit.result == result
