"""What people see of a run: a line for what matters, and where every device stands."""

from fumo.fleet.board import DOWN, line_for, standings
from fumo.fleet.evidence import Killed, Record, Told, Written
from tests.fleet.world import good_run


def in_order() -> list[Record]:
    """The good run, as it came to pass."""
    return sorted(good_run(), key=lambda record: record.at_ns)


def lines(records: list[Record]) -> list[str]:
    """All that is said of a run."""
    return [line for record in records if (line := line_for(record, 0)) is not None]


def test_kills_faults_and_results_are_told_and_every_write_is_not():
    said = "\n".join(lines(good_run()))
    assert "a  is killed (-9) in its download" in said
    assert "a  the download is cut" in said
    assert "corrupt  tells 402 Corrupted firmware update package" in said
    assert "twice  tells 200 Successful (the answer is lost on its way)" in said
    assert line_for(Written(1, "a", "slot-b", 9), 0) is None


def test_the_board_ends_with_every_device_successful():
    assert {row.device: row.result for row in standings(in_order())} == dict.fromkeys(
        ("a", "b", "twice", "corrupt", "never"), 200
    )


def test_the_board_shows_a_killed_device_as_down_and_a_failed_one_as_failed():
    records = in_order()
    until = next(n for n, r in enumerate(records) if isinstance(r, Killed))
    assert standings(records[: until + 1])[0].stage == DOWN
    failed = next(n for n, r in enumerate(records) if isinstance(r, Told) and r.result == 412)
    by_name = {row.device: row for row in standings(records[: failed + 1])}
    assert (by_name["never"].result, by_name["never"].faults) == (412, 3)
