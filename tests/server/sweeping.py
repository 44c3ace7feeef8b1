"""Time, as the server's stories let it pass."""

from fumo.server.sweep import sweep as swept
from tests.server.world import World


def sweep(world: World) -> int:
    """One sweep now: how many campaigns and operations it moved."""
    return swept(world.store, world.at_s)
