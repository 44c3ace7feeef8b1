"""Which devices a campaign would take: counted, shown, and who is left out and why. Readers only.

Left out are devices that told another model than a package is for, and those that told its version
already; who told nothing of it is not. The same words stand in the order itself.
"""

from collections.abc import Sequence

from msgspec import Struct

from fumo.server.attributes import rank
from fumo.server.edges.database import Database, lengthy
from fumo.server.edges.filtering import DEVICES, Cell, Chosen, chosen
from fumo.server.rows import Package

FIRST = 20
"""Devices shown of each kind."""
ANOTHER_MODEL = "it told another model than the package is for"
HAS_IT = "it told that it has this version"


class LeftOut(Struct, frozen=True):
    """How many are left out for which reason, and the first of them."""

    why: str
    number: int
    first: tuple[str, ...]


class Preview(Struct, frozen=True):
    """What a filter chooses: who would be ordered, the first of them, and who would not."""

    number: int
    first: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def devices_of(filter_: str | None, device_ids: Sequence[str] = ()) -> Chosen:
    """By a filter, or by name where there is none. BadFilter: it cannot be read."""
    if filter_ is None:
        cells: tuple[Cell, ...] = (list(device_ids),)
        return Chosen("device", "device.id IN ?*1", "device.id", cells)
    return chosen(DEVICES, filter_)


def page(db: Database, which: Chosen, after: str, limit: int) -> list[str]:
    """Their ids, in order."""
    n = len(which.cells)
    sql = f"""SELECT {which.key} FROM {which.source} WHERE {which.where}
        AND {which.key} > ?{n + 1} ORDER BY {which.key} LIMIT ?{n + 2}"""
    return [device_id for (device_id,) in db.rows(sql, *which.cells, after, limit)]


def preview(db: Database, which: Chosen, package: Package | None) -> Preview:
    """Counted in one pass, and the first of each kind."""
    whys = reasons(which, package)
    sql = f"""SELECT {whys.key}, count(*) FROM {whys.source} WHERE {whys.where} GROUP BY 1
        ORDER BY 2 DESC, 1"""
    with db.transaction(writes=False):
        numbers: dict[str, int] = dict(db.rows(lengthy(sql), *whys.cells))
        first = {why: _first(db, which, whys, why) for why in numbers}
    left = [LeftOut(why, number, first[why]) for why, number in numbers.items() if why]
    return Preview(numbers.get("", 0), first.get("", ()), tuple(left))


def reasons(which: Chosen, package: Package | None) -> Chosen:
    """The same choice, its key the reason why a device is left out: empty where it is not."""
    if package is None or package.model is None:
        return Chosen(which.source, which.where, "''", which.cells)
    n = len(which.cells)
    told = f"SELECT 1 FROM attribute AS told WHERE told.device_id = {which.key} AND told.name ="
    case = f"""CASE
        WHEN EXISTS ({told} 'info.Mod' AND told.rank <> ?{n + 1}) THEN '{ANOTHER_MODEL}'
        WHEN EXISTS ({told} 'info.FwV' AND told.rank = ?{n + 2}) THEN '{HAS_IT}'
        ELSE '' END"""
    cells = (*which.cells, rank(package.model), rank(package.version))
    return Chosen(which.source, which.where, case, cells)


def _first(db: Database, which: Chosen, whys: Chosen, why: str) -> tuple[str, ...]:
    n = len(whys.cells)
    sql = f"""SELECT {which.key} FROM {whys.source} WHERE {whys.where}
        AND {whys.key} = ?{n + 1} ORDER BY {which.key} LIMIT {FIRST}"""
    return tuple(device_id for (device_id,) in db.rows(sql, *whys.cells, why))
