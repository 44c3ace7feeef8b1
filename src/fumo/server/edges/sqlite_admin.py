"""The server's memory in SQLite: what operators do. Each call is one transaction.

Planned operations raise the version of their device, so that a message which is being decided
elsewhere on older rows loses and is decided again.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from fumo.errors import FumoError
from fumo.server.edges.mapping import Table
from fumo.server.edges.sqlite_store import DEVICES, OPERATIONS, PACKAGES, SqliteStore
from fumo.server.notify import next_session
from fumo.server.rows import Campaign, Device, Note, Operation, Package

CAMPAIGNS = Table("campaign", Campaign)


class Clash(FumoError):
    """What should be new is there already, and is something else."""


class SqliteAdmin(SqliteStore):
    """The whole port Store."""

    def add_device(self, device: Device) -> bool:
        """False when there is one of this id."""
        with self.transaction():
            if self.device(device.id) is not None:
                return False
            self.db.execute(DEVICES.insert, DEVICES.cells(device))
            return True

    def device(self, device_id: str) -> Device | None:
        """One device."""
        cells = self.db.execute(DEVICES.select + "WHERE id = ?", (device_id,)).fetchone()
        return DEVICES.row(cells) if cells else None

    def next_notice(self, device_id: str) -> int:
        """The session id of this device's next notification."""
        with self.transaction():
            sql = "SELECT session_id FROM notified WHERE device_id = ?"
            found = self.db.execute(sql, (device_id,)).fetchone()
            session_id = next_session(found[0] if found else None)
            self.db.execute("REPLACE INTO notified VALUES (?, ?)", (device_id, session_id))
            return session_id

    def add_package(self, package: Package) -> Package:
        """The package with its id; the same name and version again must be the same file."""
        with self.transaction():
            there = self.find_package(package.name, package.version)
            if there is not None and there.sha256 != package.sha256:
                raise Clash(f"{package.name} {package.version} is there with another content")
            if there is not None:
                return there
            package = replace(package, id=self._next("package"))
            self.db.execute(PACKAGES.insert, PACKAGES.cells(package))
            return package

    def find_package(self, name: str, version: str | None) -> Package | None:
        """By name and version, the newest added one when no version is given."""
        sql = PACKAGES.select + "WHERE name = ? AND (? IS NULL OR version = ?) ORDER BY id DESC"
        cells = self.db.execute(sql, (name, version, version)).fetchone()
        return PACKAGES.row(cells) if cells else None

    def package(self, package_id: int) -> Package | None:
        """One package."""
        cells = self.db.execute(PACKAGES.select + "WHERE id = ?", (package_id,)).fetchone()
        return PACKAGES.row(cells) if cells else None

    def add_campaign(self, campaign: Campaign, operations: Sequence[Operation]) -> Campaign:
        """S1: the campaign and its planned operations, with ids."""
        with self.transaction():
            campaign = replace(campaign, id=self._next("campaign"))
            self.db.execute(CAMPAIGNS.insert, CAMPAIGNS.cells(campaign))
            self._plan([replace(o, campaign_id=campaign.id) for o in operations])
            return campaign

    def add_operations(self, operations: Sequence[Operation]) -> list[Operation]:
        """S1: more planned operations of a campaign, with ids."""
        with self.transaction():
            return self._plan(operations)

    def campaign(self, campaign_id: int) -> Campaign | None:
        """One campaign."""
        cells = self.db.execute(CAMPAIGNS.select + "WHERE id = ?", (campaign_id,)).fetchone()
        return CAMPAIGNS.row(cells) if cells else None

    def operations_of(self, campaign_id: int) -> list[Operation]:
        """All operations of a campaign."""
        found = self.db.execute(OPERATIONS.select + "WHERE campaign_id = ?", (campaign_id,))
        return [OPERATIONS.row(cells) for cells in found]

    def due(self, at_s: float, limit: int) -> list[tuple[Device, Operation]]:
        """Operations that no session moved: planned past their deadline, others past one more."""
        sql = f"""SELECT {DEVICES.columns}, {OPERATIONS.columns} FROM operation
            JOIN device ON device.id = operation.device_id
            WHERE state IN ('planned', 'sent', 'accepted')
                AND due_at_s + iif(state = 'planned', 0, operation.deadline_s) < ?
            ORDER BY due_at_s LIMIT ?"""
        wide = len(Device.__struct_fields__)
        found = self.db.execute(sql, (at_s, limit))
        return [(DEVICES.row(row[:wide]), OPERATIONS.row(row[wide:])) for row in found]

    def _plan(self, operations: Sequence[Operation]) -> list[Operation]:
        planned = []
        for number, operation in enumerate(operations, self._next("operation")):
            planned.append(replace(operation, id=number))
            self.db.execute(OPERATIONS.insert, OPERATIONS.cells(planned[-1]))
            self._note(Note(number, operation.created_at_s, _words(operation), operation.state))
            sql = "UPDATE device SET version = version + 1 WHERE id = ?"
            self.db.execute(sql, (operation.device_id,))
        return planned

    def _note(self, note: Note) -> None:
        sql = "INSERT INTO note (operation_id, at_s, text, state, incident) VALUES (?, ?, ?, ?, 0)"
        self.db.execute(sql, (note.operation_id, note.at_s, note.text, note.state))

    def _next(self, table: str) -> int:
        (highest,) = self.db.execute(f"SELECT max(id) FROM {table}").fetchone()
        return (highest or 0) + 1


def _words(operation: Operation) -> str:
    if operation.retry_of is None:
        return operation.kind.value
    return f"{operation.kind}, an operator's retry of operation {operation.retry_of}"
