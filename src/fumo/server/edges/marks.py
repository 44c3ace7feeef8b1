"""Attributes and tags of devices: what they told is written with their message, marks by operators.

Whose attributes changed is *unplaced* until the dynamic campaigns have looked at it, and they look
at nobody else: what a campaign costs to keep up does not grow with the fleet.
"""

from collections import defaultdict
from collections.abc import Sequence

from fumo.server.attributes import TAG, TOLD, Marks, Row, rank, told_rows
from fumo.server.edges.database import Bulk, Database, lengthy
from fumo.server.edges.filtering import Chosen
from fumo.server.rows import Device
from fumo.server.told import Marked

ATTRIBUTES = Bulk(
    "attribute",
    ("device_id", "name", "value", "rank"),
    ("text", "text", "text", "text"),
    "ON CONFLICT (device_id, name, rank) DO NOTHING",
)
UNPLACED = Bulk("unplaced", ("device_id",), ("text",), "ON CONFLICT (device_id) DO NOTHING")
PICKED = "CREATE TEMPORARY TABLE picked (device_id text PRIMARY KEY)"


def write_told(db: Database, devices: Sequence[Device]) -> None:
    """Everything that these devices tell of themselves, in the place of what they told before."""
    if not devices:
        return
    ids = [device.id for device in devices]
    told = f"substr(name, 1, {len(TOLD)}) = '{TOLD}'"
    db.run(f"DELETE FROM attribute WHERE device_id IN ?*1 AND {told}", ids)
    rows = [row for device in devices for row in told_rows(device.id, device.info)]
    db.put(ATTRIBUTES, [_cells(row) for row in rows])
    db.put(UNPLACED, [(device_id,) for device_id in ids])


def write_marks(db: Database, chosen: Chosen, marks: Marks) -> int:
    """Mark all chosen devices: how many they are. One statement a mark, however many devices."""
    with db.transaction():
        # picked once: a mark may change what the filter chooses by
        db.run(PICKED)
        picked = f"SELECT DISTINCT {chosen.key} FROM {chosen.source} WHERE {chosen.where}"
        number = db.run(lengthy(f"INSERT INTO picked (device_id) {picked}"), *chosen.cells)
        for name, value in marks.set.items():
            _take(db, name, None)
            if value is not None:
                _give(db, name, value)
        for tag in marks.remove:
            _take(db, TAG, tag)
        for tag in marks.add:
            _give(db, TAG, tag)
        unplaced = "INSERT INTO unplaced (device_id) SELECT device_id FROM picked WHERE true"
        db.run(lengthy(f"{unplaced} {UNPLACED.conflict}"))
        db.run("DROP TABLE picked")
        return number


def marks_of(db: Database, device_ids: Sequence[str]) -> dict[str, Marked]:
    """What operators set, of each of these devices that has anything."""
    sql = f"""SELECT device_id, name, value FROM attribute WHERE device_id IN ?*1
        AND substr(name, 1, {len(TOLD)}) <> '{TOLD}' ORDER BY device_id, name, rank"""
    own: dict[str, dict[str, str]] = defaultdict(dict)
    tags: dict[str, list[str]] = defaultdict(list)
    for who, name, value in db.rows(sql, list(device_ids)):
        if name == TAG:
            tags[who].append(value)
        else:
            own[who][name] = value
    return {who: Marked(own[who], tuple(tags[who])) for who in own.keys() | tags.keys()}


def _take(db: Database, name: str, value: str | None) -> None:
    among = "name = ?1 AND device_id IN (SELECT device_id FROM picked)"
    if value is None:
        db.run(lengthy(f"DELETE FROM attribute WHERE {among}"), name)
    else:
        db.run(lengthy(f"DELETE FROM attribute WHERE {among} AND rank = ?2"), name, rank(value))


def _give(db: Database, name: str, value: str) -> None:
    sql = f"""INSERT INTO attribute (device_id, name, value, rank)
        SELECT device_id, CAST(?1 AS text), CAST(?2 AS text), CAST(?3 AS text) FROM picked
        WHERE true {ATTRIBUTES.conflict}"""
    db.run(lengthy(sql), name, value, rank(value))


def _cells(row: Row) -> tuple[str, str, str, str]:
    return row.device_id, row.name, row.value, row.rank
