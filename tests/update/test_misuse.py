"""What does not fit does not happen: our own mistakes are refused and change nothing."""

import pytest

from fumo.codes import Kind
from fumo.errors import MisuseError
from fumo.update import Policy, failure
from fumo.update.failures import Cause
from fumo.update.happening import (
    ApplyIntended,
    AttemptBegun,
    Concluded,
    ExecAccepted,
    Failed,
    HealthOk,
    Inspected,
    PackageReplaced,
    Progressed,
    Verified,
)
from fumo.update.operation import Evidence, Phase
from tests.update.story import Device, held, intent, order


def idle() -> Device:
    return Device(Policy(apply_attempts_max=1))


def ordered(kind: Kind = Kind.DOWNLOAD_AND_UPDATE) -> Device:
    device = idle()
    if kind is Kind.UPDATE:
        device.happen(PackageReplaced(held()))
    device.exec(kind)
    return device


def update_ordered() -> Device:
    return ordered(Kind.UPDATE)


def attempting() -> Device:
    device = ordered()
    device.begin()
    return device


def holding() -> Device:
    device = ordered()
    device.fetch()
    return device


def applying() -> Device:
    device = holding()
    device.intend()
    device.sees(Evidence.NONE)
    return device


LOST = failure(Cause.RESET)
UNFITTING = [
    (idle, Failed(1, LOST)),
    (idle, ExecAccepted(order(Kind.DOWNLOAD))),
    (idle, ExecAccepted(order(Kind.UPDATE))),
    (ordered, ExecAccepted(order(Kind.DOWNLOAD))),
    (ordered, Failed(1, LOST)),
    (ordered, Progressed(1, None)),
    (ordered, AttemptBegun(1, Phase.APPLY, 1)),
    (ordered, ApplyIntended(1, intent(1))),
    (update_ordered, AttemptBegun(1, Phase.DOWNLOAD, 1)),
    (update_ordered, Inspected(1, Evidence.NONE)),
    (attempting, ApplyIntended(1, intent(1))),
    (attempting, Concluded(1)),
    (attempting, AttemptBegun(1, Phase.DOWNLOAD, 1)),
    (holding, Progressed(1, None)),
    (holding, Verified(1, held())),
    (holding, Concluded(1)),
    (applying, AttemptBegun(1, Phase.APPLY, 1)),
    (applying, AttemptBegun(1, Phase.DOWNLOAD, 1)),
    (applying, HealthOk(1)),
    (applying, Verified(1, held())),
]


@pytest.mark.parametrize(("when", "happening"), UNFITTING)
def test_what_does_not_fit_is_refused(when, happening):
    device = when()
    before = device.target
    with pytest.raises(MisuseError):
        device.happen(happening)
    assert device.target == before


def test_an_update_without_a_package_is_refused_even_with_the_right_number():
    device = idle()
    update = ExecAccepted(order(Kind.UPDATE))
    with pytest.raises(MisuseError, match="cannot follow"):
        device.happen(update)
    numbered = ExecAccepted(order(Kind.UPDATE, op_id=1))
    with pytest.raises(MisuseError, match="no package"):
        device.happen(numbered)
