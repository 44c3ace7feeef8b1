"""The server's memory: the message path, over SQLite or PostgreSQL.

Every call is one transaction, and a batch costs a few statements however many messages it holds.
A save compares and sets first; whoever lost writes nothing. Order of the winners' rows: operations
and results, alerts, notes, then devices, sessions and stored replies, so that a reply that stands
implies all that it promises (S1 to S5).
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from fumo.dm.session import SessionState
from fumo.server.edges import incidents
from fumo.server.edges.database import Bulk, Cells, Database, Said
from fumo.server.edges.mapping import Table
from fumo.server.edges.marks import write_told
from fumo.server.edges.message_log import write_log
from fumo.server.edges.waking import rows as waking
from fumo.server.operation import CLOSED
from fumo.server.ports import Ask
from fumo.server.rows import (
    AlertRow,
    Campaign,
    CampaignState,
    Case,
    Device,
    Note,
    Operation,
    OperationState,
    Package,
    Session,
    Stored,
    Work,
    Writes,
)

DEVICES = Table("device", Device)
OPERATIONS = Table("operation", Operation)
PACKAGES = Table("package", Package)
CAMPAIGNS = Table("campaign", Campaign)
ALERTS = Table("alert", AlertRow, key="")
RESULTS = Bulk("result", ("operation_id", "code", "at_s"), ("bigint", "bigint", "double precision"))
NOTES = Bulk(
    "note",
    ("operation_id", "at_s", "text", "state", "incident"),
    ("bigint", "double precision", "text", "text", "bigint"),
)
SESSIONS = Bulk(
    "session",
    ("device_id", "session_id", "at_s", "state", "work"),
    ("text", "text", "double precision", "bytea", "bytea"),
    "ON CONFLICT (device_id) DO UPDATE SET session_id = excluded.session_id,"
    " at_s = excluded.at_s, state = excluded.state, work = excluded.work",
)
REPLIES = Bulk(
    "reply",
    ("device_id", "session_id", "msg_id", "body_sha256", "reply", "media_type", "bound"),
    ("text", "text", "bigint", "bytea", "bytea", "text", "bigint"),
    "ON CONFLICT (device_id, session_id, msg_id) DO UPDATE SET body_sha256 = excluded.body_sha256,"
    " reply = excluded.reply, media_type = excluded.media_type, bound = excluded.bound",
)

OPERATIONS_MAX = 32
"""Operations of a device that a decision sees: so many that wait or are out, the oldest first, so
many that came to no result, and whatever is out, however many wait."""
NEWEST_MAX = 8

_state = msgspec.json.Decoder(SessionState).decode
_work = msgspec.json.Decoder(Work).decode
_encode = msgspec.json.encode

_IDS_OF_ONE = f"""
    SELECT id FROM (SELECT id FROM operation WHERE device_id = asked.value
        AND state IN ('planned', 'sent', 'accepted', 'cancel_requested')
        ORDER BY id LIMIT {OPERATIONS_MAX}) AS a
    UNION SELECT id FROM (SELECT id FROM operation WHERE device_id = asked.value
        AND state IN ('sent', 'accepted', 'cancel_requested')
        ORDER BY id LIMIT {OPERATIONS_MAX}) AS d
    UNION SELECT id FROM (SELECT id FROM operation WHERE device_id = asked.value
        AND state IN ('refused', 'unknown', 'cancelled')
        ORDER BY id DESC LIMIT {OPERATIONS_MAX}) AS b
    UNION SELECT id FROM (SELECT id FROM operation WHERE device_id = asked.value
        ORDER BY id DESC LIMIT {NEWEST_MAX}) AS c"""

SEEN_BY_A_DECISION = Said(
    f"""SELECT {OPERATIONS.columns} FROM json_each(?1) AS asked
        JOIN operation ON operation.id IN ({_IDS_OF_ONE}) ORDER BY operation.id""",
    f"""SELECT {OPERATIONS.columns} FROM unnest(?1::text[]) AS asked(value)
        CROSS JOIN LATERAL ({_IDS_OF_ONE}) AS seen
        JOIN operation ON operation.id = seen.id ORDER BY operation.id""",
)

WINS = Said(
    """UPDATE device SET version = version + 1 WHERE (id, version) IN
        (SELECT key, value FROM json_each(?1)) RETURNING id""",
    # locked in the order of keys, so that two processes never wait for each other
    """WITH asked AS (SELECT key AS id, value::bigint AS version
            FROM json_each_text(?1::text::json)),
        locked AS (SELECT device.id FROM device JOIN asked USING (id, version)
            ORDER BY device.id FOR NO KEY UPDATE OF device)
        UPDATE device SET version = device.version + 1
            FROM locked JOIN asked USING (id)
            WHERE device.id = locked.id AND device.version = asked.version RETURNING device.id""",
)


SENT = OperationState.SENT
CAMPAIGNS_SHARED = Said(
    "SELECT 1 WHERE ?1 IS NULL",
    "SELECT id FROM campaign WHERE id = ANY(?1) ORDER BY id FOR SHARE",
)
TOO_LATE = """SELECT operation.device_id, operation.id, operation.sendings FROM operation
    JOIN campaign ON campaign.id = operation.campaign_id
    WHERE operation.id IN ?*1 AND campaign.state <> 'running'"""


class MessageStore:
    """The half of the port Store that messages need; `AdminStore` is the whole."""

    def __init__(self, database: Database) -> None:
        """Its tables are those of this program."""
        self.db = database

    def close(self) -> None:
        """Let the database go."""
        self.db.close()

    def ping(self) -> None:
        """Returns when the database answers."""
        self.db.rows("SELECT 1")

    # --- load -------------------------------------------------------------------------------------

    def load(self, asks: Sequence[Ask]) -> list[Case]:
        """The rows for each message, as one moment shows them."""
        names = list({ask.device_id for ask in asks})
        with self.db.transaction(writes=False):
            devices = {device.id: device for device in self._devices(names)}
            known = list(devices)
            sessions = {(one.device_id, one.state.session_id): one for one in self._sessions(known)}
            stored = self._stored(known)
            operations = self._operations(known, asks)
            packages = self._packages(operations)
            campaigns = self._campaigns(operations)
        return [
            Case(
                device=devices[ask.device_id],
                session=sessions.get((ask.device_id, ask.session_id)),
                stored=tuple(stored[ask.device_id, ask.session_id]),
                operations=tuple(_as_it_stands(o, campaigns) for o in operations[ask.device_id]),
                packages=packages,
                campaigns=campaigns,
            )
            if ask.device_id in devices
            else Case()
            for ask in asks
        ]

    def _devices(self, names: list[str]) -> list[Device]:
        return [
            DEVICES.row(cells) for cells in self.db.rows(f"{DEVICES.select}WHERE id IN ?*1", names)
        ]

    def _sessions(self, devices: list[str]) -> list[Session]:
        sql = "SELECT device_id, state, work, at_s FROM session WHERE device_id IN ?*1"
        found = self.db.rows(sql, devices)
        return [Session(who, _state(state), _work(work), at_s) for who, state, work, at_s in found]

    def _stored(self, devices: list[str]) -> dict[tuple[str, str], list[Stored]]:
        sql = """SELECT device_id, session_id, msg_id, body_sha256, reply, media_type, bound
            FROM reply WHERE device_id IN ?*1"""
        found: dict[tuple[str, str], list[Stored]] = defaultdict(list)
        for who, session, number, sha256, body, media_type, bound in self.db.rows(sql, devices):
            found[who, session].append(Stored(number, sha256, body, media_type, bound == 1))
        return found

    def _operations(self, devices: list[str], asks: Sequence[Ask]) -> dict[str, list[Operation]]:
        """What a decision sees of each device, and whatever its message names."""
        rows = {row[0]: row for row in self.db.rows(SEEN_BY_A_DECISION, devices)}
        named = list({correlator for ask in asks for correlator in ask.correlators})
        if named:
            sql = f"{OPERATIONS.select}WHERE correlator IN ?*1 AND device_id IN ?*2"
            rows |= {row[0]: row for row in self.db.rows(sql, named, devices)}
        found: dict[str, list[Operation]] = defaultdict(list)
        for number in sorted(rows):
            operation = OPERATIONS.row(rows[number])
            found[operation.device_id].append(operation)
        return found

    def _packages(self, operations: dict[str, list[Operation]]) -> dict[int, Package]:
        ids = list({one.package_id for each in operations.values() for one in each})
        found = self.db.rows(f"{PACKAGES.select}WHERE id IN ?*1", ids) if ids else []
        return {package.id: package for package in map(PACKAGES.row, found)}

    def _campaigns(self, operations: dict[str, list[Operation]]) -> dict[int, Campaign]:
        """Of those operations that may still come to an end: their terms, not how they stand."""
        open_ = (o for each in operations.values() for o in each if o.state not in CLOSED)
        ids = list({one.campaign_id for one in open_})
        found = self.db.rows(f"{CAMPAIGNS.select}WHERE id IN ?*1", ids) if ids else []
        return {campaign.id: campaign for campaign in map(CAMPAIGNS.row, found)}

    # --- save -------------------------------------------------------------------------------------

    def save(self, writes: Sequence[Writes]) -> list[bool]:
        """Compare-and-set in key order, then the winners' rows, all in one commit."""
        with self.db.transaction():
            late = self._too_late(writes)
            fair = [one for one in writes if one.device_id not in late]
            guards = _encode({one.device_id: one.guard for one in fair}).decode()
            winners = {device_id for (device_id,) in self.db.rows(WINS, guards)}
            self._write([one for one in writes if one.device_id in winners])
        return [one.device_id in winners for one in writes]

    def _too_late(self, writes: Sequence[Writes]) -> set[str]:
        """Devices that would be ordered what is not to be ordered any more.

        A pause of a large campaign reaches its operations in steps, but no order leaves after it:
        whoever orders holds the campaign as it is until the order stands.
        """
        orders = {o.id: o for each in writes for o in each.operations if o.state is SENT}
        if not orders:
            return set()
        self.db.rows(CAMPAIGNS_SHARED, sorted({o.campaign_id for o in orders.values()}))
        found = self.db.rows(TOO_LATE, list(orders))
        return {who for who, number, before in found if orders[number].sendings > before}

    def _write(self, winners: Sequence[Writes]) -> None:
        self.write_operations([one for each in winners for one in each.operations])
        self.db.put(ALERTS.added, ALERTS.all_cells(one for each in winners for one in each.alerts))
        self.write_notes([note for each in winners for note in each.notes])
        incidents.add(self.db, (one for each in winners for one in each.incidents))
        devices = [replace(e.device, version=e.guard + 1) for e in winners if e.device is not None]
        self.db.put(DEVICES.changed, DEVICES.all_cells(devices))
        self._write_sessions([one for one in winners if one.session is not None])
        write_told(self.db, [e.device for e in winners if e.told and e.device is not None])
        write_log(self.db, winners)

    def write_operations(self, operations: Sequence[Operation]) -> None:
        """Operations as they are now, and the result of those that have one (S4)."""
        self.db.put(OPERATIONS.changed, OPERATIONS.all_cells(operations))
        closed = [one for one in operations if one.result is not None]
        self.db.put(RESULTS, [(one.id, one.result, one.closed_at_s) for one in closed])

    def write_notes(self, notes: Sequence[Note]) -> None:
        """What happened to operations."""
        cells = [(n.operation_id, n.at_s, n.text, n.state, int(n.incident)) for n in notes]
        self.db.put(NOTES, cells)

    def _write_sessions(self, winners: Sequence[Writes]) -> None:
        """A new session forgets the replies of all before it."""
        if begun := [one.device_id for one in winners if one.new_session]:
            self.db.run("DELETE FROM reply WHERE device_id IN ?*1", begun)
            waking.arrived(self.db, [_arrival(one) for one in winners if one.new_session])
        sessions = [(one.device_id, one.session) for one in winners if one.session is not None]
        self.db.put(SESSIONS, [_session_cells(who, session) for who, session in sessions])
        replies = [one for one in winners if one.stored is not None]
        self.db.put(REPLIES, [_reply_cells(one) for one in replies])


def _as_it_stands(operation: Operation, campaigns: dict[int, Campaign]) -> Operation:
    """What a pause has not reached yet is held all the same."""
    campaign = campaigns.get(operation.campaign_id)
    if operation.state is not OperationState.PLANNED or campaign is None:
        return operation
    runs = campaign.state is CampaignState.RUNNING
    return operation if runs else replace(operation, state=OperationState.HELD)


def _arrival(writes: Writes) -> tuple[str, str, float]:
    session = writes.session
    assert session is not None
    return writes.device_id, session.state.session_id, session.at_s


def _session_cells(device_id: str, session: Session) -> Cells:
    state, work = _encode(session.state), _encode(session.work)
    return device_id, session.state.session_id, session.at_s, state, work


def _reply_cells(writes: Writes) -> Cells:
    stored, session = writes.stored, writes.session
    assert stored is not None
    assert session is not None
    where = (writes.device_id, session.state.session_id, stored.msg_id)
    return *where, stored.body_sha256, stored.reply, stored.media_type, int(stored.bound)
