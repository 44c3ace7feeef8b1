"""An attempt to wake is saved before it is sent: what comes of due wakes, in one transaction.

Of two processes one takes a wake, since its next attempt is later once it was taken. Locks are
taken in the one order: campaign, devices by key, then their rows. Whoever dies after this has
counted an attempt that was not sent: it comes again after its wait, for the same session.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server.denied import Denied
from fumo.server.edges.database import Database, Said
from fumo.server.edges.guarding import next_session_id, raise_versions
from fumo.server.edges.mapping import Table
from fumo.server.edges.waking import rows
from fumo.server.notify import pushed_notice, ui_mode
from fumo.server.rollout import may_order
from fumo.server.rows import Campaign, Device
from fumo.server.waking import (
    PACE_S,
    ContactKind,
    Leave,
    Parcel,
    Patience,
    Sent,
    Wake,
    WakeState,
    Way,
    asked,
    asks_anew,
    failed,
    given_up,
    leave,
    over,
    pace,
)

DEVICES, CAMPAIGNS = Table("device", Device), Table("campaign", Campaign)
ENDED_MAX = 500
"""Wakes of an ended campaign that are closed at a look: the next one takes more."""
LATER_S = 60.0
NEXT = """SELECT campaign_id, kind FROM waking WHERE next_at_s IS NOT NULL
    AND (campaign_id > ?1 OR (campaign_id = ?1 AND kind > ?2))
    ORDER BY campaign_id, kind LIMIT 1"""
SHARED = Said(f"{CAMPAIGNS.select}WHERE id = ?1", f"{CAMPAIGNS.select}WHERE id = ?1 FOR SHARE")
DUE = """SELECT device_id FROM waking WHERE campaign_id = ?1 AND kind = ?2 AND next_at_s <= ?3
    ORDER BY next_at_s LIMIT ?4"""
STILL = f"""{rows.WAKES.select}WHERE device_id IN ?*1 AND campaign_id = ?2 AND kind = ?3
    AND next_at_s <= ?4 ORDER BY device_id"""
CLOSED = """UPDATE waking SET next_at_s = NULL, why = 'its campaign ended',
    state = CASE state WHEN 'came' THEN state ELSE 'over' END
    WHERE next_at_s IS NOT NULL AND device_id IN ?*1 AND campaign_id = ?2"""
LEFT = """SELECT device_id FROM waking WHERE campaign_id = ?1 AND kind = ?2
    AND next_at_s IS NOT NULL ORDER BY next_at_s LIMIT ?3"""
NEEDED = """SELECT operation.id, operation.campaign_id, operation.kind FROM operation
    JOIN campaign ON campaign.id = operation.campaign_id
    WHERE operation.device_id = ?1 AND operation.state = 'planned' AND campaign.wake = 1
    ORDER BY CASE campaign.state WHEN 'running' THEN 0 ELSE 1 END, operation.id LIMIT 1"""
USED = """INSERT INTO pace (campaign_id, used_at_s) VALUES (?1, ?2)
    ON CONFLICT (campaign_id) DO UPDATE SET used_at_s = pace.used_at_s RETURNING used_at_s"""
NOTIFIED = """UPDATE operation SET notified_at_s = ?2
    WHERE device_id = ?1 AND state = 'planned'"""
NOTED = """INSERT INTO note (operation_id, at_s, text, incident)
    SELECT id, CAST(?2 AS double precision), CAST(?3 AS text), 0 FROM operation
    WHERE device_id = ?1 AND state = 'planned' ORDER BY id"""


class Taken(Struct, frozen=True):
    """An attempt that is to be sent now."""

    wake: Wake
    way: Way
    parcel: Parcel


class Terms(Struct, frozen=True):
    """Under which name, and with how much patience, this server wakes."""

    server_id: str
    patience: Patience = Patience()


def lanes(db: Database) -> list[tuple[int, str]]:
    """Campaigns, and kinds of senders, that owe somebody something: one look-up for each."""
    found: list[tuple[int, str]] = []
    where: tuple[int, str] = (-1, "")
    while there := db.rows(NEXT, *where):
        where = (int(there[0][0]), str(there[0][1]))
        found.append(where)
    return found


def take(
    db: Database, terms: Terms, lane: tuple[int, str], room: int, at_s: float, late_s: float = 0.0
) -> list[Taken]:
    """As many attempts as there is room for, and as its campaign allows now; those that are due
    for `late_s` at least.
    """
    campaign_id, kind = lane
    with db.transaction():
        campaign = _campaign(db, campaign_id)
        verdict = leave(campaign, at_s) if campaign_id else Leave.GO
        if verdict is Leave.END:
            _close(db, lane, at_s)
        if verdict is not Leave.GO:
            return []
        most = _most(db, campaign, room, at_s)
        due = (
            [who for (who,) in db.rows(DUE, campaign_id, kind, at_s - late_s, room)] if most else []
        )
        if not due:
            return []
        raise_versions(db, due)
        still = map(rows.WAKES.row, db.rows(STILL, due, campaign_id, kind, at_s))
        taken = _attempts(db, terms, still, campaign, most, at_s)
        _use_up(db, campaign, len(taken), at_s)
        return taken


def settle(db: Database, taken: Taken, sent: Sent, at_s: float, rest_s: float) -> None:
    """What is wrong with an attempt that could not be sent, unless it is another one's turn."""
    with db.transaction():
        now = rows.find(db, taken.wake.device_id)
        text = sent.trouble
        line = rows.contact(taken.wake, ContactKind.FAILED, at_s, str(taken.way), text)
        rows.tell(db, [line])
        if now == taken.wake:
            rows.put(db, [failed(now, sent, at_s, rest_s)])


def _campaign(db: Database, campaign_id: int) -> Campaign | None:
    found = db.rows(SHARED, campaign_id) if campaign_id else []
    return CAMPAIGNS.row(found[0]) if found else None


def _close(db: Database, lane: tuple[int, str], at_s: float) -> None:
    left = [who for (who,) in db.rows(LEFT, *lane, ENDED_MAX)]
    raise_versions(db, left)
    rows.hand_on(db, lane[0], left, at_s)
    db.run(CLOSED, left, lane[0])


def _most(db: Database, campaign: Campaign | None, room: int, at_s: float) -> int:
    """How many may be woken now, within the campaign's rate."""
    if campaign is None or not campaign.wake_rate:
        return room
    [(used_at_s,)] = db.rows(USED, campaign.id, campaign.created_at_s)
    may = pace(campaign.wake_rate, used_at_s, at_s, room)
    if may.used_at_s < used_at_s - PACE_S:  # the clock was set back
        _use_up(db, campaign, 0, at_s)
    return may.number


def _use_up(db: Database, campaign: Campaign | None, number: int, at_s: float) -> None:
    if campaign is None or not campaign.wake_rate:
        return
    [(used_at_s,)] = db.rows(USED, campaign.id, campaign.created_at_s)
    after = pace(campaign.wake_rate, used_at_s, at_s, number)
    sql = "UPDATE pace SET used_at_s = ?2 WHERE campaign_id = ?1"
    db.run(sql, campaign.id, after.used_at_s)


def _attempts(
    db: Database,
    terms: Terms,
    due: Iterable[Wake],
    campaign: Campaign | None,
    most: int,
    at_s: float,
) -> list[Taken]:
    """Those that are over cost nothing of a rate."""
    taken: list[Taken] = []
    for wake in due:
        if len(taken) < most and (one := _attempt(db, terms, wake, campaign, at_s)):
            taken.append(one)
    return taken


def _attempt(
    db: Database, terms: Terms, wake: Wake, campaign: Campaign | None, at_s: float
) -> Taken | None:
    """One more, unless nobody needs it, it may not be now, or it was tried often enough."""
    if campaign is not None or wake.state is WakeState.CAME:  # what an operator asked for was done
        needed = _needed(db, wake, campaign, at_s)
        if needed != wake:
            rows.put(db, [needed])
            return None
    if wake.attempts >= terms.patience.attempts:
        _ends(db, given_up(wake), at_s)
        return None
    try:
        way = rows.way(db, wake)
        if way is None:
            rows.put(db, [over(wake, "it has no attribute 'wake' any more")])
            return None
        if way.kind != wake.kind:  # its address is of another kind by now
            rows.put(db, [replace(wake, kind=way.kind)])
            return None
        return _taken(db, terms, wake, way, at_s)
    except Denied as fault:
        _ends(db, replace(given_up(wake), why=str(fault)), at_s)
        return None


def _needed(db: Database, wake: Wake, campaign: Campaign | None, at_s: float) -> Wake:
    """The wake as it is, or as it becomes: over, put off, or another campaign's."""
    found = db.rows(NEEDED, wake.device_id)
    if not found:
        return over(wake, "")
    operation_id, campaign_id, kind = found[0]
    if campaign is None or campaign_id != campaign.id:
        return replace(
            wake, campaign_id=campaign_id, operation_id=operation_id, attempts=0, session_id=0
        )
    if not may_order(campaign, Kind(kind), at_s):
        return replace(wake, next_at_s=at_s + LATER_S)
    return replace(wake, operation_id=operation_id)


def _ends(db: Database, wake: Wake, at_s: float) -> None:
    rows.put(db, [wake])
    rows.tell(db, [rows.contact(wake, ContactKind.GIVEN_UP, at_s, wake.kind, wake.why)])


def _taken(db: Database, terms: Terms, wake: Wake, way: Way, at_s: float) -> Taken:
    device = _device(db, wake.device_id)
    mode = ui_mode(wake.ui)
    pushed_notice(device, terms.server_id, 1, mode)  # denied before a session id is spent
    session_id = next_session_id(db, device.id) if asks_anew(wake) else wake.session_id
    push = pushed_notice(device, terms.server_id, session_id, mode)
    after = asked(wake, session_id, at_s, terms.patience)
    text = f"notification {after.attempts} of {terms.patience.attempts}"
    rows.put(db, [after])
    rows.tell(db, [rows.contact(after, ContactKind.ASKED, at_s, str(way), text)])
    if db.run(NOTIFIED, device.id, at_s):
        db.run(NOTED, device.id, at_s, f"{text} asks the device to come, by {way.kind}")
    return Taken(after, way, Parcel(device.id, way.place, push, f"{session_id:X}"))


def _device(db: Database, device_id: str) -> Device:
    [cells] = db.rows(f"{DEVICES.select}WHERE id = ?1", device_id)
    return DEVICES.row(cells)
