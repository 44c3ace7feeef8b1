"""The invariants I1 to I9 (numbers as in ARCHITECTURE.md). Each raises Broken with its number.

I1, I3b and I4 are asked when an effect begins, I2 when an alert is put on the wire; the others of
every world.
"""

from fumo.codes import Kind, result
from fumo.update.record import Closed, ExecIn, HeldRow, Seal
from tests.model.configs import Config
from tests.model.rooms import Rooms
from tests.model.world import Broken, Query, World


def insist(holds: bool, name: str, text: str) -> None:
    if not holds:
        raise Broken(f"{name}: {text}")


def effect_may_begin(world: World, op_id: int, deed: str) -> None:
    """I1: nothing begins once the alert was on the wire."""
    told = world.of(op_id).told
    insist(not told, "I1", f"{deed} of operation {op_id} after its alert {told} was sent")


def not_too_often(world: World, config: Config, op_id: int) -> None:
    """I3b and I4."""
    seen = world.of(op_id)
    insist(seen.flips <= 1, "I3b", f"operation {op_id} flipped {seen.flips} times")
    most = max(seen.fetches, seen.writes)
    insist(most <= config.attempts, "I4", f"operation {op_id} tried {most} times")


def one_result(world: World, op_id: int, code: int) -> None:
    """I2."""
    told = world.of(op_id).told
    insist(told in (0, code), "I2", f"operation {op_id} told {told}, and now {code}")


def hold(world: World, rooms: Rooms) -> None:
    """Whatever can be asked of one world alone."""
    orders = {row.order.op_id: row.order for row in rooms.rows(world.rows, ExecIn)}
    _one_operation_per_intention(orders)
    _results_are_true(world, rooms, orders)
    _server_is_honest(world, rooms, orders)
    _promises_are_kept(world, orders)


def _one_operation_per_intention(orders: dict) -> None:
    correlators = [order.correlator for order in orders.values()]
    insist(len(set(correlators)) == len(correlators), "I3a", f"one Exec became two: {correlators}")


def _results_are_true(world: World, rooms: Rooms, orders: dict) -> None:
    """I5: a success is real, also after any boot. I5b: a failure left nothing committed."""
    held = [row.held for row in rooms.rows(world.rows, HeldRow)]
    for row in rooms.rows(world.rows, Seal):
        order, committed = orders[row.op_id], world.of(row.op_id).committed
        if not result(row.alert.result).good:
            insist(not committed, "I5b", f"operation {row.op_id} failed but is committed")
        elif order.kind is not Kind.DOWNLOAD:
            insist(committed, "I5", f"operation {row.op_id} succeeded but is not committed")
        elif row.op_id == max(orders):
            kept = any(one is not None and one.source == row.op_id for one in held)
            insist(kept, "I5", f"download {row.op_id} succeeded but holds nothing")


def _server_is_honest(world: World, rooms: Rooms, orders: dict) -> None:
    """I6, I7, I8."""
    told = {orders[op_id].correlator: world.of(op_id).told for op_id in orders}
    for number, intention in enumerate(world.server.intentions):
        insist(intention.counted <= 1, "I6", f"intention {number} counted {intention.counted}×")
        if intention.result:
            insist(told.get(str(number)) == intention.result, "I7", f"{number}: never told so")
    for row in rooms.rows(world.rows, Closed):
        number = int(orders[row.op_id].correlator)
        has = world.server.intentions[number].result
        insist(bool(has), "I8", f"operation {row.op_id} is settled, the server knows no result")


def _promises_are_kept(world: World, orders: dict) -> None:
    """I9: an Exec that was answered 202 is in the journal."""
    known = {order.correlator for order in orders.values()}
    for message in world.net:
        if isinstance(message, Query):
            for number, code in message.answers:
                kept = code != 202 or str(number) in known
                insist(kept, "I9", f"intention {number} was answered 202 and is forgotten")
