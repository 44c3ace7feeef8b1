"""Filters as SQL that both databases know, every value bound. Readers only.

A `Source` is a table with the fields that a filter may name. Of devices every other name is an
attribute: such a test is a probe by key. A filter that insists on one attribute begins at that
attribute's index, whose rows come in the order of devices, so that a page costs a page.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from msgspec import Struct

from fumo.codes import Kind
from fumo.server.attributes import OWN_NAME, TAG, TOLD, rank, stored_name
from fumo.server.filter import All, Any, Comparison, Filter, Not, Op, bad, parsed
from fumo.server.rows import CampaignState, OperationState

Cell: TypeAlias = str | float | int | list[str] | list[float]
NEVER = "never"
ORDER = {Op.BELOW: "<", Op.UP_TO: "<=", Op.ABOVE: ">", Op.FROM: ">=", Op.IS: "=", Op.IS_NOT: "<>"}
INTEGER_MAX = 1 << 53


class Column(Struct, frozen=True):
    """A field that is a column: how its values are read, and what there is to choose from."""

    sql: str
    kind: str = "text"
    choices: tuple[str, ...] = ()


class Source(Struct, frozen=True):
    """A table to choose from, by its key; `attributes`: other names are those of devices."""

    table: str
    key: str
    columns: Mapping[str, Column]
    attributes: bool = False


class Chosen(Struct, frozen=True):
    """What follows FROM and WHERE, by which key, and its parameters from ?1 on."""

    source: str
    where: str
    key: str
    cells: tuple[Cell, ...] = ()


def _words(of: type[OperationState] | type[CampaignState] | type[Kind]) -> Column:
    name = {OperationState: "operation.state", CampaignState: "campaign.state"}.get(of)
    return Column(name or "operation.kind", "choice", tuple(each.value for each in of))


DEVICES = Source(
    "device",
    "device.id",
    {
        "id": Column("device.id"),
        "profile": Column("device.profile"),
        "seen": Column("device.seen_at_s", "time"),
    },
    attributes=True,
)
OPERATIONS = Source(
    "operation",
    "operation.id",
    {
        "state": _words(OperationState),
        "kind": _words(Kind),
        **{
            name: Column(f"operation.{sql}", "number")
            for name, sql in (("id", "id"), ("campaign", "campaign_id"), ("result", "result"),
                              ("package", "package_id"), ("group", "group_number"),
                              ("retry_of", "retry_of"), ("sendings", "sendings"))
        },
        **{
            name: Column(f"operation.{name}_at_s", "time")
            for name in ("created", "sent", "closed", "due")
        },
        "device": Column("operation.device_id"),
        "correlator": Column("operation.correlator"),
        "reason": Column("operation.reason"),
    },
)  # fmt: skip
CAMPAIGNS = Source(
    "campaign",
    "campaign.id",
    {
        "id": Column("campaign.id", "number"),
        "name": Column("campaign.name"),
        "package": Column("campaign.package_id", "number"),
        "state": _words(CampaignState),
        "kind": Column("campaign.kind", "choice", tuple(each.value for each in Kind)),
        "created": Column("campaign.created_at_s", "time"),
        "filter": Column("campaign.filter"),
    },
)


def chosen(source: Source, text: str | None) -> Chosen:
    """What a filter chooses, all rows without one. BadFilter: it cannot."""
    if text is None or not text.strip():
        return Chosen(source.table, "true", source.key)
    return _Maker(source).made(parsed(text))


class _Maker:
    """Collects the parameters of one filter."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._cells: list[Cell] = []

    def made(self, filter_: Filter) -> Chosen:
        parts: list[Filter] = list(filter_.of) if isinstance(filter_, All) else [filter_]
        first = next((part for part in parts if self._leads(part)), None)
        if first is None:
            where = self._all(parts)
            return Chosen(self._source.table, where, self._source.key, tuple(self._cells))
        parts.remove(first)
        assert isinstance(first, Comparison)
        led = f"lead.name = {self._bound(stored_name(first.field))} AND lead.rank = " + self._bound(
            rank(first.values[0])
        )
        where = f"{led} AND {self._all(parts)}" if parts else led
        source = "attribute AS lead JOIN device ON device.id = lead.device_id"
        return Chosen(source, where, "lead.device_id", tuple(self._cells))

    def _leads(self, part: Filter) -> bool:
        if not (isinstance(part, Comparison) and part.op is Op.IS and self._source.attributes):
            return False
        return part.field not in self._source.columns and bool(self._named(part))

    def _bound(self, cell: Cell) -> str:
        self._cells.append(cell)
        return f"?{len(self._cells)}"

    def _bound_text(self, text: str) -> str:
        return f"CAST({self._bound(text)} AS text)"

    def _all(self, parts: list[Filter]) -> str:
        return " AND ".join(map(self._sql, parts)) if parts else "true"

    def _sql(self, filter_: Filter) -> str:
        match filter_:
            case All():
                return f"({self._all(list(filter_.of))})"
            case Any():
                return f"({' OR '.join(map(self._sql, filter_.of))})"
            case Not():
                return f"NOT {self._sql(filter_.of)}"
            case Comparison():
                return self._test(filter_)

    def _test(self, test: Comparison) -> str:
        column = self._source.columns.get(test.field)
        if column is not None:
            return READ[column.kind](self, column, test)
        if test.op is Op.IS_NOT:
            return f"NOT {self._probe(replaced(test, Op.IS))}"
        return self._probe(test)

    def _named(self, test: Comparison) -> str:
        """The name of an attribute; BadFilter: there can be none of it."""
        name = stored_name(test.field)
        if self._source.attributes and (
            name == TAG or OWN_NAME.fullmatch(name) or name.startswith(TOLD)
        ):
            return name
        known = ", ".join(sorted(self._source.columns))
        more = ", tag, model, man, an attribute, or info. and what devices tell"
        bad(test.column, f"no field {test.field[:40]!r}: there are {known}"
            + (more if self._source.attributes else ""))  # fmt: skip

    def _probe(self, test: Comparison) -> str:
        name = self._bound(self._named(test))
        if test.op is Op.LIKE:
            holds = self.like("attribute.value", test)
        elif test.op is Op.IN:
            holds = f"attribute.rank IN ?*{self._bound([rank(v) for v in test.values])[1:]}"
        else:
            holds = f"attribute.rank {ORDER[test.op]} {self._bound(rank(test.values[0]))}"
        return (
            "EXISTS (SELECT 1 FROM attribute WHERE attribute.device_id = device.id"
            f" AND attribute.name = {name} AND {holds})"
        )

    def like(self, sql: str, test: Comparison) -> str:
        """`*` at the start, at the end, or both; alone it is anything at all."""
        given = test.values[0]
        if given == "*":
            return "true"
        part = given.strip("*")
        if not part or "*" in part or given.count("*") > 2:
            bad(test.column, 'a pattern has its * at the start, at the end, or both: "IMEI:35*"')
        said = self._bound_text(part)
        if given == part:
            return f"{sql} = {said}"
        if not given.startswith("*"):
            return f"substr({sql}, 1, {len(part)}) = {said}"
        if not given.endswith("*"):
            start = f"length({sql}) - {len(part) - 1}"
            return f"(length({sql}) >= {len(part)} AND substr({sql}, {start}) = {said})"
        return f"replace({sql}, {said}, '') <> {sql}"

    def text(self, column: Column, test: Comparison) -> str:
        """A text as it stands."""
        if test.op is Op.LIKE:
            return self.like(column.sql, test)
        if test.op is Op.IN:
            return f"{column.sql} IN ?*{self._bound(list(test.values))[1:]}"
        return f"{column.sql} {ORDER[test.op]} {self._bound(test.values[0])}"

    def choice(self, column: Column, test: Comparison) -> str:
        """One of a few words."""
        lower = {word.lower(): word for word in column.choices}
        for value in test.values:
            if value.lower() not in lower:
                bad(test.column, f"no {test.field} {value[:40]!r}: there are "
                    f"{', '.join(sorted(lower))}")  # fmt: skip
        self._only(test, Op.IS, Op.IS_NOT, Op.IN)
        values = tuple(lower[value.lower()] for value in test.values)
        return self.text(column, Comparison(test.field, test.op, values, test.column))

    def number(self, column: Column, test: Comparison) -> str:
        """A whole number; what has none differs from each."""
        self._only(test, *(op for op in Op if op is not Op.LIKE))
        numbers: list[float] = []
        for value in test.values:
            if not value.isascii() or not value.isdigit() or int(value[:20]) > INTEGER_MAX:
                bad(test.column, f"{test.field} is a number, and {value[:40]!r} none")
            numbers.append(int(value))
        return self._ordered(column, test, numbers, "bigint")

    def time(self, column: Column, test: Comparison) -> str:
        """A date, or a date and a time, UTC unless it says more; `never` is none."""
        self._only(test, *(op for op in Op if op is not Op.LIKE))
        if test.values == (NEVER,) and test.op in (Op.IS, Op.IS_NOT):
            return f"{column.sql} IS {'NOT ' if test.op is Op.IS_NOT else ''}NULL"
        return self._ordered(column, test, [_seconds(test, v) for v in test.values],
                             "double precision")  # fmt: skip

    def _ordered(self, column: Column, test: Comparison, values: list[float], type_: str) -> str:
        if test.op is Op.IN:
            return f"coalesce({column.sql} IN ?*{self._bound(values)[1:]}, false)"
        holds = f"{column.sql} {ORDER[test.op]} CAST({self._bound(values[0])} AS {type_})"
        if test.op is Op.IS_NOT:
            return f"coalesce({holds}, true)"
        return f"({column.sql} IS NOT NULL AND {holds})"

    def _only(self, test: Comparison, *ops: Op) -> None:
        if test.op not in ops:
            bad(test.column, f"{test.field} is not compared by {test.op}")


READ: dict[str, Callable[[_Maker, Column, Comparison], str]] = {
    "text": _Maker.text,
    "choice": _Maker.choice,
    "number": _Maker.number,
    "time": _Maker.time,
}


def replaced(test: Comparison, op: Op) -> Comparison:
    """The same test by another comparison."""
    return Comparison(test.field, op, test.values, test.column)


def _seconds(test: Comparison, value: str) -> float:
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        bad(test.column, f"{test.field} is a time, such as 2026-01-31 or 2026-01-31T08:00,"
            f" and {value[:40]!r} none")  # fmt: skip
