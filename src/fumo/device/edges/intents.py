"""What every update agent does before it writes: judge what is held, and make an intent of it.

A token begins with its operation's number, so that whoever keeps it names the operation, too.
"""

from fumo.device.edges.boot_env import Image
from fumo.device.ports import Dice
from fumo.errors import DecodeError
from fumo.package import manifest as package
from fumo.package.fitness import MISMATCH, Device, judge
from fumo.update.failures import Cause, failure
from fumo.update.operation import Failure, Held, Intent

TOKEN_OCTETS = 8


def judged(held: Held | None, device: Device, raw_allowed: bool) -> Image | Failure:
    """The image in what is held, if it is whole in words and fits this device."""
    if held is None:
        return failure(Cause.CORRUPT)
    if held.manifest is None:
        if not raw_allowed:
            return failure(Cause.NOT_ACCEPTABLE)
        version = f"raw-{held.sha256[:12]}"
        return Image(version, held.length, held.sha256, device.security_counter)
    try:
        says = package.decode(held.manifest)
    except DecodeError:
        return failure(Cause.INVALID)
    if (misfit := judge(says, device)) is not None:
        mismatch = misfit.result == MISMATCH
        return failure(Cause.UNFIT if mismatch else Cause.NOT_ACCEPTABLE)
    return Image(says.version, says.length, says.sha256, says.security_counter)


def intent_for(
    image: Image, slot: str, op_id: int, boot_id: int, from_version: str, dice: Dice
) -> Intent:
    """An intent with a fresh token."""
    return Intent(
        token=f"{op_id}-{dice.octets(TOKEN_OCTETS).hex()}",
        slot=slot,
        from_version=from_version,
        to_version=image.version,
        sha256=image.sha256,
        length=image.length,
        boot_id=boot_id,
        security_counter=image.security_counter,
    )


def op_id_of(intent: Intent) -> int:
    """The operation that a token belongs to."""
    return int(intent.token.partition("-")[0])
