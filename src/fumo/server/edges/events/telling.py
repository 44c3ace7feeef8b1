"""Each event is written by the database itself, in the transaction of what it tells of.

So nobody who writes can forget it, whatever statement it is. What an operator's one word does to
many operations that were never sent is told by its campaign alone. In SQLite, where one writes at
a time, an event has its number at once; in PostgreSQL `feed` gives it, since ids there are not in
the order of commits.
"""

TEXT_MAX = 300
"""Characters of an event: a device may write a book into its alert."""

COLUMNS = "at_s, kind, device_id, campaign_id, operation_id, code, text"
NOW_SQLITE = "(julianday('now') - 2440587.5) * 86400.0"
NOW_POSTGRESQL = "extract(epoch FROM clock_timestamp())"

_NOTE = f"""SELECT NEW.at_s, 'operation.' || coalesce(NEW.state,
        CASE WHEN NEW.incident = 1 THEN 'incident' ELSE 'note' END),
        device_id, campaign_id, id, result, substr(NEW.text, 1, {TEXT_MAX})
    FROM operation WHERE id = NEW.operation_id"""
_ALERT = f"""SELECT NEW.at_s, 'alert.' || NEW.match, NEW.device_id,
        (SELECT campaign_id FROM operation WHERE id = NEW.operation_id), NEW.operation_id,
        (SELECT result FROM operation WHERE id = NEW.operation_id),
        substr(NEW.data, 1, {TEXT_MAX})"""
_BEGUN = "SELECT {now}, 'campaign.created', NULL, NEW.id, NULL, NULL, NEW.name"
_STEERED = """SELECT {now}, 'campaign.' || CASE WHEN NEW.state = OLD.state THEN 'group'
        ELSE NEW.state END, NULL, NEW.id, NULL, NULL, NEW.why"""
_PACKAGE = "SELECT {now}, 'package.added', NULL, NULL, NULL, NULL, NEW.name || ' ' || NEW.version"
_SEEN = "SELECT NEW.seen_at_s, 'device.seen', NEW.id, NULL, NULL, NULL, 'its first session'"
_AUDIT = f"""SELECT NEW.at_s, 'audit.' || NEW.action, NULL, NULL, NULL, NULL,
    substr(NEW.who || ' at ' || NEW.place || ': ' || NEW.target, 1, {TEXT_MAX})"""
_HOOK = "SELECT {now}, 'webhook.' || NEW.state, NULL, NULL, NULL, NULL, NEW.reason"
_CONTACT = f"""SELECT NEW.at_s, 'wake.' || NEW.kind, NEW.device_id, NEW.campaign_id,
    NEW.operation_id, NULL, substr(NEW.way || ': ' || NEW.text, 1, {TEXT_MAX})"""

TOLD = {
    "tell_note": ("INSERT", "note", "NEW.state IS NULL OR NEW.state NOT IN ('held', 'planned')",
                  _NOTE),
    "tell_alert": ("INSERT", "alert", "", _ALERT),
    "tell_begun": ("INSERT", "campaign", "", _BEGUN),
    "tell_steered": ("UPDATE", "campaign",
                     "NEW.state <> OLD.state OR NEW.opened <> OLD.opened", _STEERED),
    "tell_package": ("INSERT", "package", "", _PACKAGE),
    "tell_seen": ("UPDATE", "device", "OLD.seen_at_s IS NULL AND NEW.seen_at_s IS NOT NULL", _SEEN),
    "tell_audit": ("INSERT", "audit", "", _AUDIT),
    "tell_webhook": ("UPDATE", "webhook", "NEW.state <> OLD.state", _HOOK),
    "tell_contact": ("INSERT", "contact", "", _CONTACT),
}  # fmt: skip
"""What is told: after what, of which table, when, and in which words."""


def _sqlite(name: str) -> str:
    event, table, when, told = TOLD[name]
    guard = f"WHEN {when}" if when else ""
    return f"""CREATE TRIGGER {name} AFTER {event} ON {table} {guard} BEGIN
        INSERT INTO event ({COLUMNS}) {told.format(now=NOW_SQLITE)}; END"""


def _postgresql(name: str) -> tuple[str, str]:
    event, table, when, told = TOLD[name]
    guard = f"WHEN ({when})" if when else ""
    function = f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO event ({COLUMNS}) {told.format(now=NOW_POSTGRESQL)}; RETURN NULL; END $$"""
    trigger = f"""CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {guard}
        EXECUTE FUNCTION {name}()"""
    return function, trigger


SQLITE = (
    *map(_sqlite, TOLD),
    """CREATE TRIGGER number_event AFTER INSERT ON event BEGIN
    INSERT INTO feed (name, last) VALUES ('event', 1) ON CONFLICT DO UPDATE SET last = last + 1;
    UPDATE event SET number = (SELECT last FROM feed WHERE name = 'event') WHERE id = NEW.id;
    END""",
)
POSTGRESQL = tuple(statement for name in TOLD for statement in _postgresql(name))
FUNCTIONS = tuple(TOLD)
"""Dropped with their triggers, before they are made anew."""
