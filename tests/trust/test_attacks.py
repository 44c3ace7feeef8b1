"""Every attack ends in the result that names it, with no slot written and no byte asked in vain."""

from collections import Counter

import pytest

from tests.trust import (
    attacks_on_packages,
    attacks_on_signatures,
    attacks_on_the_way,
    attacks_on_time,
)
from tests.trust.attacks import ATTACKS, SMALL, Attack
from tests.trust.repository import Lab
from tests.trust.world import TrustedWorld

TOLD_BY = (attacks_on_packages, attacks_on_signatures, attacks_on_the_way, attacks_on_time)


def prepared(attack: Attack, folder) -> TrustedWorld:
    """A world in which all is well, and perhaps was used already."""
    world = TrustedWorld(folder, Lab(attack.threshold, attack.hashes), SMALL)
    world.offers()
    attack.before(world)
    world.lab.publish()
    world.yesterday = dict(world.lab.served)
    if attack.warm:
        world.lab.publish()
        assert world.orders() == 200
        world.depot.fetches.clear()
    return world


def suffer(attack: Attack, tmp_path) -> None:
    world = prepared(attack, tmp_path / "trust")
    attack.spoil(world)
    before = world.look()
    assert world.orders(attack.url) == attack.result
    insist_on_the_reason(world, attack.why)
    assert world.look() == before, "a slot was written, or the environment was"
    assert world.target.held is None
    assert bool(world.depot.fetches) == attack.fetches
    assert {wish.url for wish in world.depot.fetches} <= {attack.url}
    assert [path.name for path in tmp_path.iterdir()] == ["trust"]


def insist_on_the_reason(world: TrustedWorld, why: str | None) -> None:
    """So that no row passes for another reason than its own."""
    told = world.why()
    assert bool(told) == (why is not None), told
    assert why is None or all(why in line for line in told), told


def of(kind: str):
    """The rows of one class of attack."""
    rows = [row for row in ATTACKS if row.id.startswith(kind)]
    return pytest.mark.parametrize("attack", rows, ids=[row.id for row in rows])


@of("a1")
def test_a1_arbitrary_software(attack, tmp_path):
    suffer(attack, tmp_path)


@of("a2")
def test_a2_rollback(attack, tmp_path):
    suffer(attack, tmp_path)


@of("a3")
def test_a3_freeze(attack, tmp_path):
    suffer(attack, tmp_path)


@of("a4")
def test_a4_mix_and_match(attack, tmp_path):
    suffer(attack, tmp_path)


@of("a5")
def test_a5_endless_slow_or_dropped(attack, tmp_path):
    suffer(attack, tmp_path)


@of("a6")
def test_a6_package_for_another_device(attack, tmp_path):
    suffer(attack, tmp_path)


def test_no_attack_is_told_twice_and_there_are_enough():
    assert all(module.__doc__ for module in TOLD_BY)
    assert max(Counter(row.id for row in ATTACKS).values()) == 1
    assert len(ATTACKS) >= 60
