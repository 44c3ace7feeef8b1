"""Addresses of packages: one opens the depot to whoever holds it, so viewers see none."""

import re

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
    """The same entry for viewers, without all that begins like it: a long line is cut."""
    begun = url.partition("/packages/")
    address = re.compile(re.escape("".join(begun[:2])) + r"[^\s'\"<>]*")
    return replace(entry, lines=[address.sub(HIDDEN, line) for line in entry.lines])
