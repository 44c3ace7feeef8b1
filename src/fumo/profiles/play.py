"""How a kind of device says what the standard would have it say otherwise. Pure.

A player of devices makes its messages here; what `Profile` says is all that makes the difference.
"""

from collections.abc import Sequence

from fumo.codes import ALERT_TYPES, AlertCode, Kind, Mark
from fumo.dm.message import Alert, Item, Location, Meta, Replace
from fumo.profiles.profile import Profile, Source

DM, OLDER = ".dm.firmwareupdate.", ".firmwareupdate."


def alerts(
    profile: Profile, kind: Kind, result: int, mark: Mark, correlator: str | None
) -> tuple[Alert, ...]:
    """All that it tells of one operation, in its order: what comes before, then the result."""
    codes = (*profile.before, result)
    each = [_alert(profile, kind, code, mark, correlator) for code in codes]
    return tuple(alert for alert in each for _ in range(profile.times))


def _alert(profile: Profile, kind: Kind, code: int, mark: Mark, correlator: str | None) -> Alert:
    type_ = ALERT_TYPES[kind]
    meta = Meta(
        format=profile.format,
        type=type_.replace(DM, OLDER) if profile.older_types else type_,
        mark=mark if profile.marks else None,
    )
    item = Item(source=_source(profile, kind), meta=meta, data=profile.data.format(code))
    said = correlator if profile.correlates else None
    return Alert(AlertCode.GENERIC, correlator=said, items=(item,))


def _source(profile: Profile, kind: Kind) -> Location | None:
    match profile.source:
        case Source.OBJECT:
            return Location(profile.object_uri)
        case Source.OPERATION:
            return Location(f"{profile.object_uri}/{kind}")
        case Source.NOTHING:
            return None


def first_words(
    profile: Profile, begin: Alert, info: Replace, results: Sequence[Alert]
) -> tuple[Alert | Replace, ...]:
    """Package 1 in its order."""
    return (*results, begin, info) if profile.alerts_first else (begin, info, *results)
