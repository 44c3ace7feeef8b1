"""Each broken promise, and each witness who slept, is found in the evidence."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from fumo.fleet.evidence import (
    Chosen,
    Counted,
    Ended,
    Fetched,
    Killed,
    Ordered,
    Record,
    Retried,
    Row,
    Served,
    Started,
    Told,
    Written,
)
from fumo.fleet.verdict import judge
from tests.fleet.world import good_run


def without(records: list[Record], *kinds: type, device: str | None = None) -> list[Record]:
    """The same, where a witness did not look."""
    return [
        record
        for record in records
        if not isinstance(record, kinds)
        or (device is not None and getattr(record, "device", None) != device)
    ]


def changed(records: list[Record], kind: type, device: str, **to: object) -> list[Record]:
    """The same, with another value in the first record of one device."""
    found = next(r for r in records if isinstance(r, kind) and getattr(r, "device", "") == device)
    return [replace(record, **to) if record is found else record for record in records]


def test_a_good_run_is_good_and_told_in_one_sentence():
    verdict = judge(good_run())
    assert verdict.wrong == ()
    assert verdict.exit_code == 0
    assert verdict.sentence() == (
        "5 of 5 devices updated, 1 temporary failures and 2 kills survived, "
        "0 packages fetched by an operation after its alert, "
        "0 slots written by an operation after its alert, "
        "0 results lost, 0 results counted twice."
    )


def test_the_order_of_the_records_does_not_matter():
    assert judge(reversed(good_run())) == judge(good_run())


def test_a_fetch_after_the_alert_is_found():
    late = Fetched(500, 501, "a", "/packages/1/x", "bytes=3-", 206, 5)
    verdict = judge([*good_run(), late])
    assert len(verdict.late_fetches) == 1
    assert verdict.exit_code == 1


def test_a_fetch_past_the_proxy_is_found_in_the_log_of_the_depot():
    verdict = judge([*good_run(), Served(500, "/packages/1/x", 206, 5)])
    assert len(verdict.late_fetches) == 1


def test_a_fetch_of_the_old_order_after_a_new_one_is_found():
    late = Fetched(350, 351, "never", "/packages/6/x", "", 0, 0, "reset")
    assert len(judge([*good_run(), late]).late_fetches) == 1


def test_a_slot_written_after_the_alert_is_found():
    verdict = judge([*good_run(), Written(181, "a", "slot-b", 9)])
    assert len(verdict.late_writes) == 1
    assert verdict.exit_code == 1


def test_a_slot_written_without_any_order_is_found():
    assert len(judge([*good_run(), Written(50, "a", "slot-b", 9)]).late_writes) == 1


def test_a_slot_written_for_the_next_order_is_none_of_the_last_one():
    assert judge([*good_run(), Written(350, "corrupt", "slot-b", 9)]).late_writes == ()


def test_a_result_the_server_does_not_hold_is_lost():
    verdict = judge(changed(good_run(), Row, "a", result=None))
    assert len(verdict.lost) == 1
    assert verdict.exit_code == 1


def test_a_result_of_which_the_server_holds_another_is_lost():
    assert len(judge(changed(good_run(), Row, "corrupt", result=200)).lost) == 1


def test_a_second_row_is_a_result_counted_twice():
    row = next(r for r in good_run() if isinstance(r, Row))
    verdict = judge([*good_run(), row])
    assert len(verdict.twice) == 1
    assert verdict.exit_code == 1


@pytest.mark.parametrize(
    "counted", [Counted(2000, 1, 6, 2, 7), Counted(2000, 1, 5, 3, 7), Counted(2000, 1, 5, 2, 8)]
)
def test_a_counter_above_the_results_counts_twice(counted: Counted):
    assert len(judge([*without(good_run(), Counted), counted]).twice) == 1


def test_a_repeated_alert_that_counts_again_is_a_result_counted_twice():
    assert len(judge(changed(good_run(), Row, "a", counted=2)).twice) == 1


def test_an_alert_that_changes_its_mind_is_found():
    told = next(r for r in good_run() if isinstance(r, Told) and r.device == "a")
    assert judge([*good_run(), replace(told, at_ns=500, result=410)]).exit_code == 1


def test_a_result_that_nobody_told_is_found():
    records = without(good_run(), Told, device="b")
    assert any("never told" in line for line in judge(records).others)


@pytest.mark.clause("S09")
def test_an_order_again_that_no_operator_asked_for_is_found():
    records = [replace(r, at_ns=400) if isinstance(r, Retried) else r for r in good_run()]
    assert len(judge(records).others) == 2


SLEEPERS: dict[str, Callable[[list[Record]], list[Record]]] = {
    "no evidence at all": lambda _: [],
    "cut before its end": lambda r: without(r, Ended),
    "the proxy saw no package": lambda r: without(r, Fetched),
    "the proxy saw no order": lambda r: without(r, Ordered),
    "the depot has no log": lambda r: without(r, Served),
    "the slots were not watched": lambda r: without(r, Written),
    "one slot was not watched": lambda r: without(r, Written, device="b"),
    "the server was not asked": lambda r: without(r, Row),
    "the counters were not read": lambda r: without(r, Counted),
    "the slots were not read at the end": lambda r: without(r, Chosen),
    "one device runs the old image": lambda r: changed(r, Chosen, "b", sha256="old"),
    "nobody was killed": lambda r: without(r, Killed),
    "a killed one stayed down": lambda r: without(r, Started),
    "the lost reply was not told again": lambda r: [x for x in r if x.at_ns != 190],
    "the corrupt package was taken": lambda r: changed(r, Told, "corrupt", result=200),
    "no download failed": lambda r: [
        replace(x, fault="") if isinstance(x, Fetched) else x for x in r
    ],
}


@pytest.mark.parametrize("sleeper", SLEEPERS)
def test_a_witness_who_slept_or_a_story_that_did_not_happen_is_no_success(sleeper: str):
    assert judge(SLEEPERS[sleeper](good_run())).exit_code == 1
