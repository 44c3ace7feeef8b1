"""Speeds, over numbers alone: everybody's turn comes, and together they are no faster than told."""

from fumo.depot.lanes import LANES_MAX, TAKE_MIN, Lanes
from fumo.depot.urls import Lane

LANE = Lane("c7", 10_000)


def took_s(lanes: Lanes, lane: Lane | None, downloads: int, count: int) -> list[float]:
    """When each of these downloads, begun at 100 s, has its bytes."""
    passes = [lanes.enter(lane, 100.0) for _ in range(downloads)]
    left, at_s = [count] * downloads, [100.0] * downloads
    while any(left):
        one = min((n for n in range(downloads) if left[n]), key=lambda n: at_s[n])
        take = passes[one].turn(left[one])
        at_s[one] += passes[one].take(take, at_s[one])
        left[one] -= take
    return [ended_s - 100.0 for ended_s in at_s]


def test_one_download_keeps_its_lanes_speed():
    [seconds] = took_s(Lanes(), LANE, 1, 100_000)
    assert 9.7 <= seconds <= 10.0


def test_several_share_it_and_end_together():
    ended = took_s(Lanes(), LANE, 4, 100_000)
    assert 39.7 <= max(ended) <= 40.0
    assert min(ended) > 35.0


def test_all_downloads_together_keep_the_depots_speed():
    lanes = Lanes(10_000)
    assert lanes.is_paced(None)
    assert 19.7 <= max(took_s(lanes, None, 2, 100_000)) <= 20.0
    assert max(took_s(Lanes(5_000), LANE, 1, 100_000)) > 19.7


def test_without_a_speed_nobody_waits():
    assert took_s(Lanes(), None, 2, 10_000_000) == [0.0, 0.0]


def test_a_crowd_takes_little_at_a_time_and_nobody_waits_long():
    lanes = Lanes()
    passes = [lanes.enter(Lane("c7", 100_000), 0.0) for _ in range(1_000)]
    turn = passes[0].turn(1 << 20)
    assert TAKE_MIN <= turn < 2 * TAKE_MIN
    waits = [one.take(turn, 0.0) for one in passes]
    assert max(waits) < 1.0


def test_nobody_of_a_crowd_looks_dead_to_his_device():
    """It lets go of what is slower than 1,000 bytes/s over a minute, and reports 407 in the end."""
    ended = took_s(Lanes(), LANE, 100, 60_000)
    assert max(ended) < 60_000 / 1_500


def test_who_comes_back_at_once_owes_what_he_took():
    lanes = Lanes()
    first = lanes.enter(LANE, 0.0)
    first.take(50_000, 0.0)
    lanes.leave(first)
    for number in range(LANES_MAX + 1):  # and is not forgotten among many
        lanes.leave(lanes.enter(Lane(f"c{number}x", 1), 0.0))
    assert lanes.enter(LANE, 0.0).take(1, 0.0) > 4.0
