"""How one FUMO object stands, for people: read off its target and what its work waits for."""

from fumo.device.control import ObjectStanding, OperationStanding, Standing
from fumo.update.duty import Wait
from fumo.update.operation import Checkpoint, Open, Phase, Policy, Sealed, Settled, Target
from fumo.update.target import attempts_in, open_operation, phase_of
from fumo.update.view import state


def object_standing(
    name: str, target: Target, waits: Wait | None, policy: Policy
) -> ObjectStanding:
    """`waits`: what its work waits for, if it does."""
    seen, operation = state(target), open_operation(target)
    newest = target.operations[-1] if target.operations else None
    ended = newest if isinstance(newest, (Sealed, Settled)) else None
    return ObjectStanding(
        name=name,
        state=int(seen),
        state_name=seen.name,
        operation=_operation(operation, target.checkpoint, policy) if operation else None,
        waits=waits.reason if waits else "",
        wait_until_s=waits.until_s if waits else 0.0,
        result=ended.alert.result if ended else None,
        reported=not isinstance(ended, Sealed),
    )


def _operation(operation: Open, checkpoint: Checkpoint | None, policy: Policy) -> OperationStanding:
    order, phase = operation.order, phase_of(operation)
    downloads = phase is Phase.DOWNLOAD
    return OperationStanding(
        id=order.op_id,
        kind=order.kind,
        correlator=order.correlator,
        phase=phase,
        attempt=attempts_in(operation, phase),
        attempts_max=policy.download_attempts_max if downloads else policy.apply_attempts_max,
        received=checkpoint.length if checkpoint and downloads else 0,
        total=checkpoint.total if checkpoint and downloads else None,
    )


def in_a_line(standing: Standing) -> str:
    """All objects, for whoever has room for one line."""
    return "; ".join(map(_object_in_a_line, standing.objects))


def _object_in_a_line(one: ObjectStanding) -> str:
    words = [f"{one.name} {one.state_name.lower().replace('_', ' ')} ({one.state})"]
    if one.operation and one.operation.received and one.operation.total:
        words.append(f"{100 * one.operation.received // one.operation.total} %")
    if one.waits:
        words.append(f"waits: {one.waits}")
    return ", ".join(words)
