"""Time, as the server's stories let it pass."""

from tests.server.world import World


def sweep(world: World) -> int:
    """One sweep now: how many campaigns and operations it moved."""
    return world.sweeps()
