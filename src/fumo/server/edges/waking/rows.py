"""Waking in the database: who is owed a notification, and what happened. Over one `Database`.

Whose campaign wakes is put down in the transaction that lets its operation be ordered. A new
session of a device is noticed in the transaction that stores its first message.
"""

from collections.abc import Sequence

from fumo.server.edges.database import Database
from fumo.server.edges.mapping import Table
from fumo.server.paging import NEWEST, Page
from fumo.server.paging import Way as Order
from fumo.server.rows import Campaign
from fumo.server.waking import ATTRIBUTE, Contact, ContactKind, Wake, WakeState, Way, came, way_of

WAKES = Table("waking", Wake, key="device_id")
CONTACTS = Table("contact", Contact, key="")
ONE = f"{WAKES.select}WHERE device_id = ?1"
KIND = """CASE WHEN told.value LIKE 'udp:%' THEN 'udp' WHEN told.value LIKE 'sms:%' THEN 'sms'
    WHEN told.value LIKE 'pap:%' THEN 'pap' WHEN told.value LIKE 'mqtt:%' THEN 'mqtt'
    ELSE 'http' END"""
BEGUN = f"""INSERT INTO waking (device_id, campaign_id, operation_id, kind, place, ui, session_id,
        attempts, state, since_s, next_at_s, why)
    SELECT o.device_id, o.campaign_id, min(o.id), min({KIND}), '', 'unspecified', 0, 0, 'waiting',
        CAST(?1 AS double precision), CAST(?1 AS double precision), ''
    FROM operation AS o JOIN attribute AS told
        ON told.device_id = o.device_id AND told.name = '{ATTRIBUTE}'
    WHERE o.id IN ?*2 AND o.state = 'planned' GROUP BY o.device_id, o.campaign_id
    ON CONFLICT (device_id) DO UPDATE SET campaign_id = excluded.campaign_id,
        operation_id = excluded.operation_id, kind = excluded.kind, place = '',
        ui = excluded.ui, session_id = 0, attempts = 0, state = 'waiting',
        since_s = excluded.since_s, next_at_s = excluded.next_at_s, asked_at_s = NULL,
        came_at_s = NULL, why = '' WHERE waking.next_at_s IS NULL OR (waking.campaign_id <> 0
            AND NOT EXISTS (SELECT 1 FROM campaign
                WHERE campaign.id = waking.campaign_id AND campaign.state = 'running'))"""
PLANNED = """SELECT min(operation.id) FROM operation
    JOIN campaign ON campaign.id = operation.campaign_id
    WHERE operation.device_id = waking.device_id AND operation.state = 'planned'
    AND campaign.wake = 1 AND campaign.state = 'running' AND campaign.id <> waking.campaign_id"""
HANDED = f"""UPDATE waking SET operation_id = ({PLANNED}), campaign_id =
        (SELECT o.campaign_id FROM operation AS o WHERE o.id = ({PLANNED})),
        session_id = 0, attempts = 0, state = 'waiting', next_at_s = CAST(?1 AS double precision)
    WHERE device_id IN ?*2 AND campaign_id = ?3 AND next_at_s IS NOT NULL
        AND ({PLANNED}) IS NOT NULL"""
OWED = f"{WAKES.select}WHERE device_id IN ?*1 AND next_at_s IS NOT NULL"


def begin(db: Database, campaign: Campaign, operation_ids: Sequence[int], at_s: float) -> None:
    """Whom these operations may now be ordered to is owed a notification, if they can be woken."""
    if campaign.wake and operation_ids:
        db.run(BEGUN, at_s, list(operation_ids))


def hand_on(db: Database, campaign_id: int, device_ids: Sequence[str], at_s: float) -> None:
    """What this campaign does not wake for any more becomes another's, if one needs the device."""
    if device_ids:
        db.run(HANDED, at_s, list(device_ids), campaign_id)


def find(db: Database, device_id: str) -> Wake | None:
    """What one device is or was owed last."""
    found = db.rows(ONE, device_id)
    return WAKES.row(found[0]) if found else None


def put(db: Database, wakes: Sequence[Wake]) -> None:
    """As they are now."""
    db.put(WAKES.changed, WAKES.all_cells(wakes))


def tell(db: Database, contacts: Sequence[Contact]) -> None:
    """What happened."""
    db.put(CONTACTS.added, CONTACTS.all_cells(contacts))


def contact(wake: Wake, kind: ContactKind, at_s: float, way: str, text: str) -> Contact:
    """A line of a wake's history."""
    return Contact(
        device_id=wake.device_id,
        at_s=at_s,
        kind=kind,
        session_id=wake.session_id,
        attempt=wake.attempts,
        way=way,
        text=text,
        campaign_id=wake.campaign_id or None,
        operation_id=wake.operation_id,
    )


def arrived(db: Database, begun: Sequence[tuple[str, str, float]]) -> None:
    """New sessions: of which device, with which SessionID, and when."""
    found = db.rows(OWED, [device_id for device_id, _, _ in begun])
    owed = {wake.device_id: wake for wake in map(WAKES.row, found)}
    here = [(owed[who], session, at_s) for who, session, at_s in begun if who in owed]
    asked = [each for each in here if each[0].state is WakeState.ASKED]
    put(db, [came(wake, at_s) for wake, _, at_s in here])
    tell(db, [_came(*each) for each in asked])


def _came(wake: Wake, session: str, at_s: float) -> Contact:
    bidden = session == f"{wake.session_id:X}"
    text = "it came, as it was asked" if bidden else f"it came by itself, in session {session[:40]}"
    return contact(wake, ContactKind.CAME, at_s, wake.kind, text)


def way(db: Database, wake: Wake) -> Way | None:
    """Where to, by what was said for this time, or what its attribute says now. Denied: nowhere."""
    text = wake.place or address_of(db, wake.device_id)
    return way_of(text) if text else None


def address_of(db: Database, device_id: str) -> str | None:
    """What its attribute says."""
    sql = f"SELECT value FROM attribute WHERE device_id = ?1 AND name = '{ATTRIBUTE}'"
    found = db.rows(sql, device_id)
    return str(found[0][0]) if found else None


def history(db: Database, device_id: str | None, page: Page) -> list[tuple[int, Contact]]:
    """Of one device or of all, with numbers: the page, and one more if there is one."""
    begin = page.key or (NEWEST if page.way is Order.DOWN else 0)
    whose = "" if device_id is None else "device_id = ?3 AND "
    sql = f"""SELECT id, {CONTACTS.columns} FROM contact WHERE {whose}id {page.way.sign} ?1
        ORDER BY id {page.way.order} LIMIT ?2"""
    cells = () if device_id is None else (device_id,)
    found = db.rows(sql, begin, page.limit + 1, *cells)
    return [(row[0], CONTACTS.row(row[1:])) for row in found]


def newest(db: Database, device_id: str, most: int) -> list[Contact]:
    """What happened last with one device, the newest first."""
    found = history(db, device_id, Page(most, Order.DOWN, None))
    return [one for _, one in found][:most]
