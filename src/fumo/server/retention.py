"""How long the server keeps what happened. Pure.

What counted is kept for as long as its campaign stands: operations, their moves, their results, the
alert that gave each its result, and the last alert of each. The rest has a time.
"""

from msgspec import Struct

from fumo.errors import FumoError

DAY_S = 24 * 3600.0


class Retention(Struct, frozen=True):
    """Days; 0: for ever. `history_days` are those of alerts that did not count,
    of notes, and of what was tried to wake devices."""

    events_days: int = 30
    messages_days: int = 30
    history_days: int = 400
    audit_days: int = 400

    def __post_init__(self) -> None:
        if min(self.events_days, self.messages_days, self.history_days, self.audit_days) < 0:
            raise FumoError("days to keep something are 0 (for ever) or more")


class Rule(Struct, frozen=True):
    """What may be deleted of a table, by a key that grows; `but` narrows it.

    `first` are statements on what hangs on these rows. All know ?1 and ?2: the keys of the rows
    are above the one and not above the other.
    """

    table: str
    days: int
    key: str = "id"
    but: str = ""
    first: tuple[str, ...] = ()


_OF_THEM = """SELECT id FROM operation WHERE device_id IN
    (SELECT device_id FROM message WHERE id > ?1 AND id <= ?2)"""
ABOUT = f"""DELETE FROM about WHERE message_id > ?1 AND message_id <= ?2
    AND operation_id IN ({_OF_THEM})"""
COUNTED = "match IN ('final', 'late')"
NOT_THE_LAST = f"""AND NOT {COUNTED} AND (operation_id IS NULL OR EXISTS
    (SELECT 1 FROM alert AS newer
        WHERE newer.operation_id = alert.operation_id AND newer.id > alert.id))"""
NOT_THE_NEWEST = "AND id < (SELECT max(id) FROM message)"
"""In SQLite the next id is one more than the greatest: none may be given twice."""


def rules(retention: Retention) -> list[Rule]:
    """What has a time."""
    every = [
        Rule("event", retention.events_days, key="number"),
        Rule("message", retention.messages_days, but=NOT_THE_NEWEST, first=(ABOUT,)),
        Rule("alert", retention.history_days, but=NOT_THE_LAST),
        Rule("note", retention.history_days, but="AND state IS NULL"),
        Rule("contact", retention.history_days),
        Rule("audit", retention.audit_days),
    ]
    return [rule for rule in every if rule.days > 0]
