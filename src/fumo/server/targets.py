"""Which devices an order means: by name, or by a filter, once or from now on. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from fumo.server.filter import parsed
from fumo.server.rollout import Denied

NAMED_MAX = 100_000


class Targets(Struct, frozen=True):
    """`devices` by id, or all that `filter` chooses; `dynamic`: also those that it comes to choose.

    A change of an attribute or a tag begins an update only where somebody asked for just that.
    """

    devices: Sequence[str] = ()
    filter: str | None = None
    dynamic: bool = False


def checked(targets: Targets) -> Targets:
    """Each device once. Denied: they name nobody, or two things at once."""
    if targets.filter is None:
        if not targets.devices:
            raise Denied("say for which devices: by their ids, or by a filter")
        if targets.dynamic:
            raise Denied("only a filter can go on choosing: leave the ids out, or 'dynamic'")
        if len(targets.devices) > NAMED_MAX:
            raise Denied(f"no more than {NAMED_MAX} devices by name: use a filter")
        if any("\0" in device_id for device_id in targets.devices):
            raise Denied("a device's id has no character NUL")
        return Targets(tuple(dict.fromkeys(targets.devices)))
    if targets.devices:
        raise Denied("devices are chosen by their ids or by a filter, not by both")
    if not targets.filter.strip():
        raise Denied('an empty filter chooses nobody; all devices are: id ~ "*"')
    parsed(targets.filter)
    return targets
