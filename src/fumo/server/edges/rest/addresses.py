"""Addresses of packages: one opens the depot to whoever holds it, so viewers see none."""

from msgspec.structs import replace

from fumo.server.access import Role
from fumo.server.edges.rest.frame import Asked
from fumo.server.edges.timeline import Entry
from fumo.server.told import OperationTold

HIDDEN = "(an address that operators see)"


def fitting(request: Asked, told: list[OperationTold]) -> list[OperationTold]:
    """As the asker may see them."""
    if request.user.role.covers(Role.OPERATOR):
        return told
    return [replace(one, url=None) for one in told]


def without(url: str, entry: Entry) -> Entry:
    """The same entry for viewers."""
    return replace(entry, lines=[line.replace(url, HIDDEN) for line in entry.lines])
