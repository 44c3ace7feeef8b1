"""The server dies at every commit, before and after it: nothing is lost, nothing counted twice.

The device repeats its message as HTTP clients do, or gives the session up and begins another.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.opening import open_database
from fumo.server.rows import OperationState, Writes
from fumo.wire.exchange import Reply
from tests.server.device import Device
from tests.server.world import World

S = OperationState


class Crash(Exception):
    """The process is gone."""


class Dying(AdminStore):
    """A store whose process dies at the n-th commit: before it, or right after."""

    countdown = -1
    after = False

    def save(self, writes: Sequence[Writes]) -> list[bool]:
        self.countdown -= 1
        if self.countdown == 0 and not self.after:
            raise Crash
        won = super().save(writes)
        if self.countdown == 0:
            raise Crash
        return won


class Mortal(World):
    """A world whose server is started anew whenever it dies."""

    deaths = 0

    def open(self) -> None:
        super().open()
        self.store.close()
        self.store = Dying(open_database(self.where))
        self.pump = replace(self.pump, store=self.store)

    def arm(self, countdown: int, *, after: bool) -> None:
        assert isinstance(self.store, Dying)
        self.store.countdown, self.store.after = countdown, after


class GaveUp(Exception):
    """The device does not repeat: it will begin a new session."""


def job(world: Mortal, device: Device, *, repeats: bool) -> None:
    """The whole job, through whatever happens."""

    def post(peer: Device, body: bytes) -> Reply:
        for _ in range(3):
            try:
                return world.post(peer, body)
            except Crash:
                world.deaths += 1
                world.restart()
                if not repeats:
                    raise GaveUp from None
        raise AssertionError("the server does not come back")

    def session() -> None:
        for _ in range(3):
            try:
                device.talk(post)
                return
            except GaveUp:
                world.at_s += 60
        raise AssertionError("no session succeeds")

    for _ in range(4):
        session()
        world.at_s += 60
        if device.execs and device.state == "30":
            device.finishes(200, "90")
        elif device.acked:
            break


def commits_of_a_job(where: Path | str) -> int:
    world = Mortal(where)
    device = world.knows(Device())
    world.orders(device)
    world.arm(0, after=False)
    job(world, device, repeats=True)
    assert isinstance(world.store, Dying)
    count = -world.store.countdown
    world.close()
    return count


COMMITS = 5
"""Commits of the job, told by the first test."""


def test_how_many_commits_there_are(where: Path | str):
    assert commits_of_a_job(where) == COMMITS


@pytest.mark.clause("S08", "S-DUP", "S-SES")
@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(1, COMMITS + 1))
def test_f1_f7_f21_a_death_at_any_commit_loses_nothing(
    where: Path | str, number: int, after: bool, repeats: bool
):
    world = Mortal(where)
    device = world.knows(Device())
    world.orders(device)
    world.arm(number, after=after)
    job(world, device, repeats=repeats)
    assert world.deaths == 1
    assert world.results == [(1, 200)]
    assert world.states == [S.SUCCEEDED]
    assert [m for m in world.matches if m != "repeated"] == ["final"]
    assert len({command.correlator for command in device.execs}) == 1
    assert len(device.execs) == 1
    assert world.tally == {"succeeded": 1}
    world.close()
