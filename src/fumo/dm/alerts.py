"""Generic Alerts (1226): what a device tells on its own (DM Protocol §8.7). Pure.

We write exactly what the standard says; we read what the field sends: a `Reversed-Domain-Name:`
prefix, other case, white space, no Format, text after the number (`spec` FUMO quirks, §9).
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from fumo.codes import AlertCode, Mark
from fumo.dm.message import Alert, Item, Location, Meta

_PREFIX = re.compile(r"^\s*reversed-domain-name\s*:\s*", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(-?\d{1,9})")


class Told(Struct, frozen=True):
    """One Item of a Generic Alert, as read: `type` normalised, `data` as sent."""

    type: str
    source: str
    data: str
    mark: str
    correlator: str | None
    format: str | None = None

    @property
    def number(self) -> int | None:
        """The leading integer of the data, if it begins with one."""
        found = _NUMBER.match(self.data)
        return int(found.group(1)) if found else None


def generic_alert(type: str, source: str, result: int, mark: str, correlator: str | None) -> Alert:
    """The alert of a firmware operation (FUMO 6.2): the same values give the same alert."""
    meta = Meta(format="int", type=type, mark=mark)
    item = Item(source=Location(source), meta=meta, data=str(result))
    return Alert(AlertCode.GENERIC, correlator=correlator, items=(item,))


def request_alert(type: str, source: str | None) -> Alert:
    """The alert that asks for an update (FUMO 7): of the object `source`, or of any.

    Its data element has to be there, and there is nothing to be said in it.
    """
    meta = Meta(format="chr", type=type)
    where = None if source is None else Location(source)
    return Alert(AlertCode.GENERIC, items=(Item(source=where, meta=meta, data=""),))


def told(alert: Alert) -> Iterator[Told]:
    """Everything a Generic Alert tells, an Item at a time."""
    for item in alert.items:
        meta = item.meta or Meta()
        yield Told(
            type=normal_type(meta.type or ""),
            source=item.source.uri if item.source else "",
            data=_text(item.data),
            mark=(meta.mark or Mark.INFORMATIONAL).strip().lower(),
            correlator=alert.correlator,
            format=meta.format,
        )


def normal_type(text: str) -> str:
    """The bare, lower-case alert type."""
    return _PREFIX.sub("", text).strip().lower()


def _text(data: str | bytes | None) -> str:
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else (data or "")
