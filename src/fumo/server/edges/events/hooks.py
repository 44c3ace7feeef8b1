"""Webhooks in the database: which there are, and which process has one for itself. Over `Database`.

A process takes a webhook by compare-and-set on its lease, so that two of them never tell the same
at once; what one of them left behind when it died is free again after the lease.
"""

from msgspec.structs import replace

from fumo.server.edges.database import Database, Said
from fumo.server.edges.mapping import Table
from fumo.server.webhook import LEASE_S, Hook, HookState

HOOKS = Table("webhook", Hook)
ONE = f"{HOOKS.select}WHERE id = ?1"
LOCKED = Said(ONE, f"{ONE} FOR NO KEY UPDATE")


def add(db: Database, hook: Hook) -> Hook:
    """The webhook with its id."""
    hook = replace(hook, id=db.numbers("webhook", 1)[0])
    db.put(HOOKS.added, [HOOKS.cells(hook)])
    return hook


def remove(db: Database, hook_id: int) -> bool:
    """False when there is none."""
    return db.run("DELETE FROM webhook WHERE id = ?1", hook_id) > 0


def find(db: Database, hook_id: int) -> Hook | None:
    """One webhook."""
    found = db.rows(ONE, hook_id)
    return HOOKS.row(found[0]) if found else None


def locked(db: Database, hook_id: int) -> Hook | None:
    """One webhook that nobody else changes until this transaction ends."""
    found = db.rows(LOCKED, hook_id)
    return HOOKS.row(found[0]) if found else None


def every(db: Database) -> list[Hook]:
    """All of them, by id: there are never many."""
    return [HOOKS.row(cells) for cells in db.rows(f"{HOOKS.select}ORDER BY id")]


def waiting(db: Database, at_s: float) -> list[Hook]:
    """Those that may be told something now."""
    return [h for h in every(db) if h.state is HookState.ACTIVE and _free(h, at_s)]


def _free(hook: Hook, at_s: float) -> bool:
    return hook.due_at_s <= at_s and hook.lease_until_s <= at_s


def take(db: Database, hook: Hook, at_s: float) -> Hook | None:
    """The webhook for ourselves, as long as a lease lasts; None: somebody was quicker."""
    sql = """UPDATE webhook SET lease_until_s = ?1 WHERE id = ?2 AND state = 'active'
        AND lease_until_s = ?3 AND number = ?4 AND tries = ?5"""
    until_s = at_s + LEASE_S
    won = db.run(sql, until_s, hook.id, hook.lease_until_s, hook.number, hook.tries)
    return replace(hook, lease_until_s=until_s) if won else None


def give_back(db: Database, ours: Hook, after: Hook) -> bool:
    """What came of it, unless the lease was lost; a pause that came meanwhile stays."""
    sql = """UPDATE webhook SET number = ?1, tries = ?2, due_at_s = ?3, reason = ?4, told_at_s = ?5,
        lease_until_s = ?6, state = CASE state WHEN 'active' THEN ?7 ELSE state END
        WHERE id = ?8 AND lease_until_s = ?9"""
    cells = (after.number, after.tries, after.due_at_s, after.reason, after.told_at_s)
    where = (after.lease_until_s, after.state.value, ours.id, ours.lease_until_s)
    return db.run(sql, *cells, *where) > 0


def change(db: Database, hook: Hook) -> None:
    """A webhook as an admin wants it; who tells it something at this moment loses its lease."""
    db.put(HOOKS.changed, [HOOKS.cells(replace(hook, lease_until_s=0.0))])
