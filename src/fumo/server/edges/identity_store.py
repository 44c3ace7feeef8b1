"""The server's memory: who a device is. Each change is one transaction.

Whoever gets new secrets, or another certificate, is a new peer: the sessions of before are over,
and a message that was decided on the rows of before loses.
"""

from collections.abc import Callable

from msgspec.structs import replace

from fumo.server.edges.database import Said
from fumo.server.edges.store import DEVICES, MessageStore
from fumo.server.rows import Device

LOCKED = Said(
    f"{DEVICES.select}WHERE id = ?1",
    f"{DEVICES.select}WHERE id = ?1 FOR NO KEY UPDATE OF device",
)


class IdentityStore(MessageStore):
    """The part of the port Store by which a device's proofs change."""

    def change_device(self, device_id: str, decide: Callable[[Device], Device]) -> Device | None:
        """Decide on a device that nobody else changes meanwhile; None: there is none."""
        with self.db.transaction():
            found = self.db.rows(LOCKED, device_id)
            if not found:
                return None
            before = DEVICES.row(found[0])
            device = replace(decide(before), version=before.version + 1)
            self.db.put(DEVICES.changed, [DEVICES.cells(device)])
            for table in ("session", "reply"):
                self.db.run(f"DELETE FROM {table} WHERE device_id = ?1", device_id)
            return device

    def bound_to(self, key_sha256: str) -> str | None:
        """The device that is bound to the certificate of this key."""
        found = self.db.rows("SELECT id FROM device WHERE bound_key = ?1", key_sha256)
        return str(found[0][0]) if found else None
