"""What the database itself keeps, whoever writes: said for both kinds.

A correlator is never used twice, no alert changes, and an operation has one result for ever, with
the alert that gave it. `tally` and the number of devices are counted within each commit: row by row
in SQLite, whose one writer shares it with nobody; by sums of a whole statement in PostgreSQL, so
that a batch touches each counter once. What happens is told as an event (`events/telling`).
"""

from fumo.server.edges.events import telling

KEPT = {
    "alert_stays": ("UPDATE", "alert", "", "an alert never changes"),
    "alert_is_kept": (
        "DELETE",
        "alert",
        "OLD.match IN ('final', 'late')",
        "an alert that counted is kept",
    ),
    "result_stays": ("UPDATE", "result", "", "a result never changes"),
    "result_is_kept": ("DELETE", "result", "", "a result never changes"),
    "closed_stays": (
        "UPDATE",
        "operation",
        "OLD.result IS NOT NULL"
        " AND (NEW.result {differs} OLD.result OR NEW.state {differs} OLD.state)",
        "a closed operation never changes",
    ),
    "correlator_stays": (
        "UPDATE",
        "operation",
        "NEW.correlator {differs} OLD.correlator",
        "a correlator never changes",
    ),
}
"""A rule: what it forbids on which table, when, and in which words."""


def _sqlite(name: str) -> str:
    event, table, when, why = KEPT[name]
    guard = f"WHEN {when.format(differs='IS NOT')}" if when else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} {guard}"
        f" BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _postgresql(name: str) -> str:
    event, table, when, why = KEPT[name]
    guard = f"WHEN ({when.format(differs='IS DISTINCT FROM')})" if when else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {guard}"
        f" EXECUTE FUNCTION forbidden('{why}')"
    )


_KEYS = ("campaign_id", "group_number", "kind", "state", "result", "followed")
"""What operations are counted by; a result of 0 is none yet."""


def _cells(row: str) -> str:
    plain = ", ".join(f"{row}{name}" for name in _KEYS[:4])
    return f"{plain}, COALESCE({row}result, 0), CASE WHEN {row}next_id IS NULL THEN 0 ELSE 1 END"


_COUNT_ONE = f"""INSERT INTO tally ({", ".join(_KEYS)}, number)
    SELECT {_cells("NEW.")}, 1 WHERE true
    ON CONFLICT DO UPDATE SET number = number + 1;"""

_MORE = """INSERT INTO counter (name, number) VALUES ('device', {n})
    ON CONFLICT (name) DO UPDATE SET number = counter.number + excluded.number"""

SQLITE = (
    *map(_sqlite, KEPT),
    f"CREATE TRIGGER tally_new AFTER INSERT ON operation BEGIN {_COUNT_ONE} END",
    f"""CREATE TRIGGER tally_moved AFTER UPDATE OF state, result, next_id ON operation
    WHEN ({_cells("NEW.")}) IS NOT ({_cells("OLD.")}) BEGIN
    UPDATE tally SET number = number - 1 WHERE ({", ".join(_KEYS)}) = ({_cells("OLD.")});
    {_COUNT_ONE} END""",
    *telling.SQLITE,
    f"CREATE TRIGGER device_new AFTER INSERT ON device BEGIN {_MORE.format(n=1)}; END",
    f"CREATE TRIGGER device_gone AFTER DELETE ON device BEGIN {_MORE.format(n=-1)}; END",
)

_FORBIDDEN = """CREATE FUNCTION forbidden() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$"""


def _counts(function: str, changes: str) -> str:
    """A statement's changes of the counters, summed, in the order of keys: no deadlock."""
    return f"""CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO tally AS there ({", ".join(_KEYS)}, number)
    SELECT {_cells("")}, sum(n) FROM ({changes}) AS change
        GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT ({", ".join(_KEYS)})
        DO UPDATE SET number = there.number + excluded.number;
    RETURN NULL; END $$"""


_COLUMNS = "campaign_id, group_number, kind, state, result, next_id"
_ADDED = f"SELECT {_COLUMNS}, 1 AS n FROM added"
_LEFT = f"SELECT {_COLUMNS}, -1 AS n FROM before"

_COUNT_DEVICES = f"""CREATE FUNCTION count_devices() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    {_MORE.format(n="TG_ARGV[0]::bigint * (SELECT count(*) FROM changed)")};
    RETURN NULL; END $$"""

FUNCTIONS = ("forbidden", "count_new", "count_moved", "count_devices", *telling.FUNCTIONS)
"""Dropped with all triggers that call them, before they are made anew."""

POSTGRESQL = (
    _FORBIDDEN,
    *map(_postgresql, KEPT),
    _counts("count_new", _ADDED),
    _counts("count_moved", f"{_ADDED} UNION ALL {_LEFT}"),
    """CREATE TRIGGER tally_new AFTER INSERT ON operation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_new()""",
    """CREATE TRIGGER tally_moved AFTER UPDATE ON operation
    REFERENCING OLD TABLE AS before NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_moved()""",
    *telling.POSTGRESQL,
    _COUNT_DEVICES,
    """CREATE TRIGGER device_new AFTER INSERT ON device
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_devices('1')""",
    """CREATE TRIGGER device_gone AFTER DELETE ON device
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_devices('-1')""",
)
