"""Deltas in the database: which there are, which are wanted, and which is to be made next.

Of all servers of a database one makes a delta at a time: it has the *turn*, a row with an end, so
that what a server left behind when it died is free again.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from fumo.server.attributes import rank
from fumo.server.deltas import Delta, DeltaState, again, next_format, pairs, room
from fumo.server.edges.contents.rows import touch
from fumo.server.edges.database import Bulk, Database
from fumo.server.edges.mapping import Table
from fumo.server.edges.store import PACKAGES
from fumo.server.rows import Package

DELTAS = Table("delta", Delta)
ONCE = Bulk("delta", DELTAS.added.columns, DELTAS.added.types, "ON CONFLICT DO NOTHING")
TURN = "deltas"
PACKAGES_MAX = 1000
RUNS = "SELECT 1 FROM attribute WHERE name = 'info.FwV' AND rank = ?1 LIMIT 1"
DUE = f"""{DELTAS.select}WHERE state = 'waiting' AND due_at_s <= ?1 ORDER BY due_at_s, id LIMIT 1"""
OF_PACKAGE = f"{DELTAS.select}WHERE package_id = ?1 ORDER BY base_id DESC, id"
OPEN_TURN = "INSERT INTO turn (name, until_s) VALUES (?1, 0) ON CONFLICT (name) DO NOTHING"
TAKE_TURN = "UPDATE turn SET until_s = ?2 WHERE name = ?1 AND until_s <= ?3"
END_TURN = "UPDATE turn SET until_s = 0 WHERE name = ?1 AND until_s = ?2"


def of_package(db: Database, package_id: int) -> list[Delta]:
    """All that lead to it, the newest base first."""
    return [DELTAS.row(cells) for cells in db.rows(OF_PACKAGE, package_id)]


def due(db: Database, at_s: float) -> Delta | None:
    """The one to make next."""
    found = db.rows(DUE, at_s)
    return DELTAS.row(found[0]) if found else None


def wanted(db: Database, formats: Sequence[str]) -> list[Delta]:
    """Those that nobody has written down yet: to the newest packages, from what devices report."""
    sql = f"{PACKAGES.select}ORDER BY id DESC LIMIT ?1"
    packages = [PACKAGES.row(cells) for cells in db.rows(sql, PACKAGES_MAX)]
    there: dict[int, list[Delta]] = {}
    found = []
    for base, package in pairs(packages):
        known = there.setdefault(package.id, of_package(db, package.id))
        tried = [one for one in known if one.base_id == base.id]
        format_ = next_format(tried, formats)
        if format_ is not None and room(known) > 0 and _runs_somewhere(db, base):
            new = Delta(0, package.id, base.id, format_, DeltaState.WAITING)
            known.append(new)
            found.append(new)
    return found


def _runs_somewhere(db: Database, package: Package) -> bool:
    return bool(db.rows(RUNS, rank(package.version)))


def add(db: Database, deltas: Sequence[Delta]) -> None:
    """Write them down; of those that are there already nothing changes."""
    if not deltas:
        return
    with db.transaction():
        numbers = db.numbers("delta", len(deltas))
        new = [replace(one, id=number) for one, number in zip(deltas, numbers, strict=True)]
        db.put(ONCE, DELTAS.all_cells(new))


def order(db: Database, package_id: int, base_id: int, format_: str) -> Delta:
    """An operator wants this one: a new row, or the old one anew."""
    with db.transaction():
        add(db, [Delta(0, package_id, base_id, format_, DeltaState.WAITING)])
        every = of_package(db, package_id)
        old = next(one for one in every if (one.base_id, one.format) == (base_id, format_))
        new = again(old)
        db.put(DELTAS.changed, [DELTAS.cells(new)])
        return new


def take_turn(db: Database, at_s: float, lasts_s: float) -> float | None:
    """When our turn ends; None: somebody else has it."""
    with db.transaction():
        db.run(OPEN_TURN, TURN)
        return at_s + lasts_s if db.run(TAKE_TURN, TURN, at_s + lasts_s, at_s) else None


def end_turn(db: Database, until_s: float, came: Delta | None = None) -> bool:
    """What came of it, unless the turn was lost meanwhile; then it is somebody else's to say.

    Going: what was made is just being collected, and must be made again.
    """
    with db.transaction():
        if not db.run(END_TURN, TURN, until_s):
            return False
        if came is not None:
            if came.sha256 is not None and came.made_at_s is not None:
                touch(db, came.sha256, came.made_at_s)
            db.put(DELTAS.changed, [DELTAS.cells(came)])
        return True


def package(db: Database, package_id: int) -> Package | None:
    """One package."""
    found = db.rows(f"{PACKAGES.select}WHERE id = ?1", package_id)
    return PACKAGES.row(found[0]) if found else None
