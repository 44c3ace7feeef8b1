"""The server's memory: what operators do. Each call is one transaction.

Planned operations raise the version of their device, so that a message which is being decided
elsewhere on older rows loses and is decided again.
"""

import time
from collections.abc import Sequence

from msgspec.structs import replace

from fumo.server.attributes import Marks
from fumo.server.edges.choosing import devices_of
from fumo.server.edges.contents.rows import touch
from fumo.server.edges.creating import EXACT_MAX, create, number_of, sizes_of
from fumo.server.edges.database import Forbidden, StoreError
from fumo.server.edges.guarding import next_session_id
from fumo.server.edges.identity_store import IdentityStore
from fumo.server.edges.marks import write_marks, write_told
from fumo.server.edges.operation_store import OperationStore
from fumo.server.edges.placing import ALONE, place
from fumo.server.edges.store import CAMPAIGNS, DEVICES, OPERATIONS, PACKAGES
from fumo.server.edges.waking import rows as waking
from fumo.server.rows import Campaign, Device, Operation, Package
from fumo.server.targets import Targets
from fumo.server.waking import Wake, again

THERE = "SELECT id FROM device WHERE id IN ?*1"


class Clash(StoreError):
    """What should be new is there already, and is something else."""


class AdminStore(OperationStore, IdentityStore):
    """The whole port Store."""

    def add_device(self, device: Device) -> bool:
        """False when there is one of this id."""
        try:
            with self.db.transaction():
                self.db.put(DEVICES.added, [DEVICES.cells(device)])
                write_told(self.db, [device])
        except Forbidden:
            return False
        return True

    def device(self, device_id: str) -> Device | None:
        """One device."""
        found = self._devices([device_id])
        return found[0] if found else None

    def missing(self, device_ids: Sequence[str]) -> str | None:
        """The first of these that is not there."""
        there = {who for (who,) in self.db.rows(THERE, list(device_ids))}
        return next((one for one in device_ids if one not in there), None)

    def mark(self, targets: Targets, marks: Marks) -> int:
        """Set attributes and tags of all chosen devices: how many they are."""
        return write_marks(self.db, devices_of(targets.filter, targets.devices), marks)

    def next_notice(self, device_id: str, at_s: float) -> int:
        """The session id of this device's next notification; what waits for it is *notified*."""
        with self.db.transaction():
            self.raise_versions([device_id])
            session_id = next_session_id(self.db, device_id)
            self._notified(device_id, at_s)
            return session_id

    def address_of(self, device_id: str) -> str | None:
        """By which way a device is woken, as its attribute says."""
        return waking.address_of(self.db, device_id)

    def wake(self, wake: Wake) -> Wake:
        """Owed from now on; what is open already goes on, with the same session and anew."""
        with self.db.transaction():
            self.raise_versions([wake.device_id])
            before = waking.find(self.db, wake.device_id)
            if before is not None and before.next_at_s is not None:
                wake = again(before, wake)
            if not wake.session_id:
                number = next_session_id(self.db, wake.device_id)
                wake = replace(wake, session_id=number)
            waking.put(self.db, [wake])
            return wake

    def add_package(self, package: Package) -> Package:
        """The package with its id; the same name and version again must be the same file."""
        with self.db.transaction():
            touch(self.db, package.sha256, time.time())
            package = replace(package, id=self._next("package"))
            fresh = replace(PACKAGES.added, conflict="ON CONFLICT (name, version) DO NOTHING")
            self.db.put(fresh, [PACKAGES.cells(package)])
            there = self.find_package(package.name, package.version)
        assert there is not None
        if there.sha256 != package.sha256:
            raise Clash(f"{package.name} {package.version} is there with another content")
        return there

    def find_package(self, name: str, version: str | None) -> Package | None:
        """By name and version, the newest added one when no version is given."""
        sql = f"""{PACKAGES.select}WHERE name = ?1 AND (?2 = '' OR version = ?2)
            ORDER BY id DESC LIMIT 1"""
        found = self.db.rows(sql, name, version or "")
        return PACKAGES.row(found[0]) if found else None

    def package(self, package_id: int) -> Package | None:
        """One package."""
        found = self.db.rows(f"{PACKAGES.select}WHERE id = ?1", package_id)
        return PACKAGES.row(found[0]) if found else None

    def number_of(self, targets: Targets, package: Package) -> int:
        """How many devices a campaign with this package would take."""
        if targets.filter is None:
            return len(targets.devices)
        return number_of(self.db, devices_of(targets.filter), package)

    def add_campaign(self, campaign: Campaign, targets: Targets) -> Campaign:
        """S1: the campaign with its id, and a held operation for each device."""
        with self.db.transaction():
            if campaign.dynamic:
                self.db.rows(ALONE)
            campaign = replace(campaign, id=self._next("campaign"))
            self.db.put(CAMPAIGNS.added, [CAMPAIGNS.cells(campaign)])
            number = create(self.db, campaign, self.package(campaign.package_id), targets)
            if campaign.sizes and (number != sum(campaign.sizes) or number > EXACT_MAX):
                campaign = replace(campaign, sizes=sizes_of(self.db, campaign))
                self.db.put(CAMPAIGNS.changed, [CAMPAIGNS.cells(campaign)])
            return campaign

    def place(self, at_s: float) -> int:
        """Let dynamic campaigns take up devices that changed: 0 when nothing came of it."""
        return place(self.db, at_s)

    def campaign(self, campaign_id: int) -> Campaign | None:
        """One campaign."""
        found = self.db.rows(f"{CAMPAIGNS.select}WHERE id = ?1", campaign_id)
        return CAMPAIGNS.row(found[0]) if found else None

    def operations_of(self, campaign_id: int) -> list[Operation]:
        """All operations of a campaign."""
        found = self.db.rows(f"{OPERATIONS.select}WHERE campaign_id = ?1 ORDER BY id", campaign_id)
        return [OPERATIONS.row(cells) for cells in found]

    def due(self, at_s: float, limit: int) -> list[tuple[Device, Operation]]:
        """Operations that no session moved: planned past their deadline, others past one more."""
        sql = f"""SELECT {DEVICES.columns}, {OPERATIONS.columns} FROM operation
            JOIN device ON device.id = operation.device_id
            WHERE state IN ('planned', 'sent', 'accepted', 'cancel_requested') AND due_at_s < ?1
                AND due_at_s + CASE state WHEN 'planned' THEN 0 ELSE operation.deadline_s END < ?1
            ORDER BY due_at_s LIMIT ?2"""
        wide = len(Device.__struct_fields__)
        found = self.db.rows(sql, at_s, limit)
        return [(DEVICES.row(row[:wide]), OPERATIONS.row(row[wide:])) for row in found]

    def _notified(self, device_id: str, at_s: float) -> None:
        sql = f"UPDATE operation SET notified_at_s = ?2 WHERE {WAITS}"
        if self.db.run(sql, device_id, at_s):
            self.db.run(NOTED, device_id, at_s)

    def _next(self, table: str) -> int:
        return self.db.numbers(table, 1)[0]


WAITS = "device_id = ?1 AND state = 'planned'"
NOTED = f"""INSERT INTO note (operation_id, at_s, text, incident)
    SELECT id, CAST(?2 AS double precision), 'a notification asks the device to come', 0
    FROM operation WHERE {WAITS} ORDER BY id"""
