"""A campaign's operations come to be in one statement, however many devices it has.

Each is *held*: no message sees it and no device is locked, so that no message of another process
waits for a large campaign to be made; sweeps release them in bounded steps. Correlators are drawn
by the database, from the system's randomness: 122 bits of a random UUID in PostgreSQL, 128 in
SQLite. Devices that were named are in groups as they were named, those of a filter by lot.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from fumo.server.campaign import pattern
from fumo.server.edges.choosing import devices_of, reasons
from fumo.server.edges.database import Database, Said, lengthy
from fumo.server.edges.filtering import Cell, Chosen
from fumo.server.edges.store import OPERATIONS
from fumo.server.rows import Campaign, Operation, Package
from fumo.server.targets import Targets

CORRELATOR = Said("correlator()", "replace(CAST(gen_random_uuid() AS text), '-', '')")
NAMED = Said(
    "SELECT asked.value AS device_id, {correlator} AS correlator, asked.key + 1 AS place"
    " FROM json_each({list}) AS asked",
    "SELECT asked.device_id, {correlator} AS correlator, asked.place"
    " FROM unnest(CAST({list} AS text[])) WITH ORDINALITY AS asked(device_id, place)",
)
EXACT_MAX = 10_000
"""Devices up to which the groups of a filter are as large as was said; of more they are by chance,
within a percent or so, and counted afterwards."""
DRAWN = ("id", "device_id", "correlator", "group_number")


def number_of(db: Database, which: Chosen, package: Package | None) -> int:
    """How many devices a campaign would take of these."""
    one = allowed(which, package)
    sql = f"SELECT count(*) FROM {one.source} WHERE {one.where}"
    return int(db.rows(lengthy(sql), *one.cells)[0][0])


def allowed(which: Chosen, package: Package | None) -> Chosen:
    """Those that are not left out (`choosing`)."""
    if package is None or package.model is None:
        return which
    whys = reasons(which, package)
    return Chosen(which.source, f"{which.where} AND {whys.key} = ''", which.key, whys.cells)


def create(db: Database, campaign: Campaign, package: Package | None, targets: Targets) -> int:
    """An operation for each device that is meant: how many they are."""
    like = pattern(campaign, campaign.created_at_s)
    if targets.filter is None:
        return create_named(db, like, campaign, targets.devices)
    return create_chosen(db, like, campaign, allowed(devices_of(targets.filter), package))


def sizes_of(db: Database, campaign: Campaign) -> tuple[int, ...]:
    """How many devices its groups have, as counted."""
    sql = "SELECT group_number, sum(number) FROM tally WHERE campaign_id = ?1 GROUP BY 1"
    there = {group: int(number) for group, number in db.rows(sql, campaign.id)}
    return tuple(there.get(group, 0) for group in range(1, len(campaign.sizes) + 1))


def create_named(db: Database, like: Operation, campaign: Campaign, devices: Sequence[str]) -> int:
    """An operation for each of these devices: how many they are."""
    bound = _Bound([list(devices)])
    group = _group(campaign.sizes)
    drawn = Said(
        NAMED.sqlite.format(correlator=CORRELATOR.sqlite, list="?1"),
        NAMED.postgresql.format(correlator=CORRELATOR.postgresql, list="?1"),
    )
    return _insert(db, like, bound, group, drawn, order="place")


def create_chosen(db: Database, like: Operation, campaign: Campaign, which: Chosen) -> int:
    """An operation for each chosen device, in groups by lot: how many they are."""
    bound = _Bound(which.cells)
    many = sum(campaign.sizes) > EXACT_MAX
    group = _group_by_lot(campaign.sizes) if many else _group(campaign.sizes)
    lots = len(campaign.sizes) > 1
    drawn = (_drawn(which, said, lots, many) for said in (CORRELATOR.sqlite, CORRELATOR.postgresql))
    return _insert(db, like, bound, group, Said(next(drawn), next(drawn)))


def create_among(
    db: Database, like: Operation, campaign: Campaign, which: Chosen, devices: Sequence[str]
) -> int:
    """One in the last group for each of these devices that is chosen and has none there yet."""
    bound = _Bound(which.cells)
    fresh = f"""{which.where} AND {which.key} IN ?*{bound(list(devices))[1:]} AND NOT EXISTS
        (SELECT 1 FROM operation AS old WHERE old.device_id = {which.key}
            AND old.campaign_id = {bound(campaign.id)})"""
    some = Chosen(which.source, fresh, which.key)
    drawn = (
        _drawn(some, said, False, False) for said in (CORRELATOR.sqlite, CORRELATOR.postgresql)
    )
    group = str(max(1, len(campaign.sizes)))
    return _insert(db, like, bound, group, Said(next(drawn), next(drawn)))


def _drawn(which: Chosen, correlator: str, lots: bool, many: bool) -> str:
    """The limit, and a condition outside of it, see to it that each correlator is drawn once."""
    one = f"""SELECT {which.key} AS device_id, {correlator} AS correlator, 1 AS place
        FROM {which.source} WHERE {which.where}"""
    if not lots:
        return one
    once = f"SELECT * FROM ({one}) AS one LIMIT {1 << 62}"
    if many:
        return once
    return f"""SELECT device_id, correlator, row_number() OVER (ORDER BY correlator) AS place
        FROM ({once}) AS lot"""


def _insert(
    db: Database, like: Operation, bound: "_Bound", group: str, drawn: Said, order: str = ""
) -> int:
    names, values = zip(*_constants(like, bound), strict=True)
    columns = ", ".join((*DRAWN[1:], *names))
    ordered = f" ORDER BY {order}" if order else ""
    sqlite, postgresql = (
        f"""INSERT INTO operation ({columns}) SELECT drawn.device_id, drawn.correlator,
            {group}, {", ".join(values)} FROM ({part}) AS drawn WHERE drawn.place > 0{ordered}"""
        for part in (drawn.sqlite, drawn.postgresql)
    )
    return db.run(Said(sqlite, postgresql, lengthy=True), *bound.cells)


class _Bound:
    """The parameters of one statement."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells: list[object] = list(cells)

    def __call__(self, cell: object) -> str:
        self.cells.append(cell)
        return f"?{len(self.cells)}"


def _group(sizes: Sequence[int]) -> str:
    """Which group has this place."""
    return _cases(sizes, "drawn.place <= {}".format)


def _group_by_lot(sizes: Sequence[int]) -> str:
    """The same by what was drawn, without putting a fleet in order."""
    total = sum(sizes)
    return _cases(sizes, lambda end: f"drawn.correlator < '{(end << 32) // total:08x}'")


def _cases(sizes: Sequence[int], is_below: Callable[[int], str]) -> str:
    ends = list(accumulate(sizes))[:-1]
    if not ends:
        return "1"
    cases = (f"WHEN {is_below(end)} THEN {n}" for n, end in enumerate(ends, 1))
    return f"CASE {' '.join(cases)} ELSE {len(sizes)} END"


def _constants(like: Operation, bound: _Bound) -> Iterator[tuple[str, str]]:
    """What all of them have in common."""
    columns = zip(Operation.__struct_fields__, OPERATIONS.cells(like), OPERATIONS.added.types,
                  strict=True)  # fmt: skip
    for name, cell, type_ in columns:
        if name not in DRAWN and cell is not None:
            yield f'"{name}"', f"CAST({bound(cell)} AS {type_})"
