"""The feed: events by their numbers. Over one `Database`.

PostgreSQL gives ids when a row is written and shows it when its transaction commits, which may be
in another order: who reads by id would miss some. So an event has no number until `give_numbers`
has seen it committed. One process at a time does that, by the lock of one row, and commits number
after number: whoever sees number N can see all below it.
"""

from fumo.server.edges.database import Database
from fumo.server.events import LOOKED_AT_MAX, Event, Part, Wanted, check_place

NUMBERED_MAX = 5_000
"""Events that are given numbers in one transaction."""

WAITING = "SELECT id FROM event WHERE number IS NULL LIMIT 1"
LOCK = """INSERT INTO feed (name, last) VALUES ('event', 0)
    ON CONFLICT (name) DO UPDATE SET last = feed.last RETURNING last"""
NUMBER = """UPDATE event SET number = given.number FROM
    (SELECT id, ?1 + row_number() OVER (ORDER BY id) AS number FROM
        (SELECT id FROM event WHERE number IS NULL ORDER BY id LIMIT ?2) AS waiting) AS given
    WHERE event.id = given.id"""
FOUND = """SELECT number, at_s, kind, device_id, campaign_id, operation_id, code, text FROM event
    WHERE number > ?1 ORDER BY number LIMIT ?2"""
OLDEST = "SELECT number FROM event WHERE number IS NOT NULL ORDER BY number LIMIT 1"


def give_numbers(db: Database) -> int:
    """Number what was committed; how many events. In SQLite they have their numbers already."""
    if not db.rows(WAITING):
        return 0
    with db.transaction():
        [(last,)] = db.rows(LOCK)
        given = db.run(NUMBER, last, NUMBERED_MAX)
        db.run("UPDATE feed SET last = ?1 WHERE name = 'event'", last + given)
    return given


def newest(db: Database) -> int:
    """The last number that was given; 0: none was."""
    found = db.rows("SELECT last FROM feed WHERE name = 'event'")
    return int(found[0][0]) if found else 0


def after(db: Database, number: int, limit: int, wanted: Wanted) -> Part:
    """What came after a number, the oldest first. Denied: there is no such number yet.

    No more than LOOKED_AT_MAX events are looked at, however few of them fit.
    """
    check_place(number, newest(db))
    oldest = db.rows(OLDEST)
    looked = db.rows(FOUND, number, LOOKED_AT_MAX if wanted.narrow else limit)
    events = [event for event in (Event(*cells) for cells in looked) if wanted.fits(event)]
    page = events[:limit]
    whole = len(events) <= limit
    end = int(looked[-1][0]) if whole and looked else page[-1].number if page else number
    return Part(page, end, int(oldest[0][0]) if oldest else number + 1)
