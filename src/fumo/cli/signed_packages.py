"""Tells the server how long the signed metadata of its depot's store is good."""

from datetime import UTC, datetime

from fumo.cli.signing import LACKS_TUF
from fumo.depot.ports import Store
from fumo.errors import FumoError
from fumo.server.lasting import SignedRole

TIMESTAMP = "metadata/timestamp.json"
"""Devices begin with it: without it nothing is published."""


class SignedPackages:
    """The server's port, over a store."""

    def __init__(self, store: Store) -> None:
        """Any store."""
        self._store = store

    def roles(self) -> list[SignedRole]:
        """Each that is published; FumoError: they cannot be read, and why."""
        if self._store.plain(TIMESTAMP) is None:
            return []
        try:
            from fumo.depot.tuf import looking, rules
            from fumo.depot.tuf.places import Published
        except ImportError as fault:
            raise FumoError(LACKS_TUF) from fault
        return [
            SignedRole(
                one.role,
                one.version,
                datetime.fromisoformat(one.expires).timestamp(),
                rules.near_s(one.role),
            )
            for one in looking.roles(Published(self._store), datetime.now(UTC))
        ]
