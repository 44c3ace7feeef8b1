"""The weather: seeded, bounded, and not the clock's."""

from collections import Counter

from fumo.fleet.faults import FaultKind, Faults, fault_for
from fumo.update.operation import Policy

WEATHER = Faults(seed=7, never="n", corrupt="c")


def met(device: str, order: int, faults: Faults = WEATHER) -> list[str]:
    """What happens to an operation that asks until a request goes through."""
    kinds: list[str] = []
    while len(kinds) < 20:
        fault = fault_for(faults, device, order, len(kinds), len(kinds))
        kinds.append(fault.kind if fault else "")
        if fault is None or fault.kind is FaultKind.CORRUPT:
            break
    return kinds


def test_the_same_seed_makes_the_same_faults():
    assert [met(f"d{n}", 1) for n in range(50)] == [met(f"d{n}", 1) for n in range(50)]
    other = Faults(seed=8)
    assert [met(f"d{n}", 1) for n in range(50)] != [met(f"d{n}", 1, other) for n in range(50)]


def test_about_three_in_ten_requests_fail_and_in_every_way():
    kinds = Counter(kind for n in range(500) for kind in met(f"d{n}", 1))
    share = 1 - kinds[""] / kinds.total()
    assert 0.25 < share < 0.35
    assert set(kinds) == {"", "unavailable", "reset", "cut", "stall"}


def test_no_operation_meets_more_faults_than_it_can_survive():
    stormy = Faults(share=1.0)
    assert len(met("d", 1, stormy)) == stormy.per_operation_max + 1
    assert stormy.per_operation_max + 2 < Policy().download_attempts_max  # a kill costs one, too


def test_who_can_never_download_can_after_the_operator_mended_it():
    assert len(met("n", 1)) == 20
    assert met("n", 2)[-1] == ""


def test_who_gets_a_corrupt_package_gets_a_good_one_after_the_next_order():
    assert met("c", 1)[-1] == "corrupt"
    assert met("c", 2)[-1] == ""


def test_a_device_has_its_own_weather():
    assert len({tuple(met(f"d{n}", 1)) for n in range(50)}) > 3
