"""State moves along the edges of the standard only: every value seen, of every object, in long
lives of orders, packages, failures, sick images, cancels and restarts."""

import random

import pytest

from fumo.codes import Kind, State
from fumo.device.agent import Ending
from fumo.testing.server import OBJECT, get, replace_leaf
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.failures import Cause
from fumo.update.operation import Policy
from tests.device.walks import walk
from tests.update.edges import Step, legal

MODEM = "./FwUpdate/Modem"
OBJECTS = (OBJECT, MODEM)
LIVES = 120
POLICY = Policy(download_attempts_max=2, apply_attempts_max=2, backoff_base_s=0.1)


def played(seed: int) -> DeviceWorld:
    """A life of a few orders and what the world does to them."""
    dice = random.Random(seed)
    world = DeviceWorld(policy=POLICY, others=["Modem"], seed=seed)
    world.depot.files[URL] = package(b"firmware", "2")
    for n in range(dice.randrange(2, 7)):
        uri = dice.choice(OBJECTS)
        environment = world.environment if uri == OBJECT else world.others["Modem"].environment
        environment.sick = dice.random() < 0.2
        environment.unfit = dice.choice([None, None, None, Cause.UNFIT])
        environment.write_faults += dice.choices([Cause.WRITE_ERROR], k=dice.choice([0, 0, 1, 2]))
        world.depot.faults.extend(dice.choices([None, None, Cause.RESET, 404, 3], k=2))
        _says(world, dice, uri, n)
        if dice.random() < 0.3:
            world.server.says.append([get(f"{one}/State") for one in OBJECTS])
        assert world.run() is Ending.DONE
    return world


def _says(world: DeviceWorld, dice: random.Random, uri: str, n: int) -> None:
    data = f"{uri}/Update/PkgData"
    match dice.choice(["url", "url", "url", "data", "empty", "update"]):
        case "url":
            world.server.orders(
                dice.choice([Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE]), URL, f"{n}", uri
            )
        case "data":
            world.server.says.append([replace_leaf(data, package(b"by hand", "2"), "bin")])
        case "empty":
            world.server.says.append([replace_leaf(data, b"", "bin")])
        case _:
            world.server.orders(Kind.UPDATE, None, f"{n}", uri)


@pytest.mark.clause("C17")
def test_every_state_that_is_seen_is_reached_by_edges_of_the_standard():
    seen: set[State] = set()
    for seed in range(LIVES):
        world = played(seed)
        for uri in OBJECTS:
            steps = list(walk(world.log.events, uri))
            assert [step for step in steps if not legal(step)] == [], f"seed {seed}"
            seen |= {State(step.after) for step in steps}
    assert seen == set(State), "a State that no life came to proves nothing"


@pytest.mark.clause("C02", "C17")
def test_what_a_server_gets_is_what_was_walked():
    asked = 0
    for seed in range(20):
        world = played(seed)
        walked = {step.after for uri in OBJECTS for step in walk(world.log.events, uri)}
        asked += len(world.server.states)
        assert set(world.server.states) <= walked | {int(State.IDLE)}
    assert asked > 5


NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    "step",
    [
        Step(50, 60, NOTHING, None),
        Step(50, 60, NOTHING, Kind.DOWNLOAD),
        Step(10, 30, NOTHING, None),
        Step(20, 30, NOTHING, Kind.DOWNLOAD),
        Step(70, 60, NOTHING, Kind.UPDATE),
        Step(80, 70, NOTHING, Kind.UPDATE),
        Step(100, 90, NOTHING, Kind.UPDATE),
        Step(60, 50, NOTHING, Kind.UPDATE),
        Step(40, 20, NOTHING, Kind.DOWNLOAD),
        Step(50, 20, NOTHING, Kind.DOWNLOAD),
        Step(50, 10, NOTHING, Kind.DOWNLOAD),
        Step(50, 30, frozenset({Kind.UPDATE}), Kind.UPDATE),
        Step(20, 50, NOTHING, Kind.DOWNLOAD),
    ],
)
def test_the_judge_knows_what_is_wrong(step: Step):
    assert not legal(step)
