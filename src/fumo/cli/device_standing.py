"""How an agent stands, as lines for people. Pure."""

from collections.abc import Iterator
from typing import Any

from fumo.device.progress import bar
from fumo.dm.shown import escaped


def lines(standing: dict[str, Any]) -> list[str]:
    """What the socket told, for a terminal; a peer's words have no power over it."""
    session = standing["session"]
    when = "now" if session["now"] else f"the next in {duration(session['next_in_s'])}"
    last = f"; the last: {escaped(session['last'])}" if session["last"] else ""
    told = [
        f"device   {escaped(standing.get('device', ''))} at {escaped(standing.get('server', ''))}",
        f"session  {when}{last}",
    ]
    for one in standing["objects"]:
        told += _object(one)
    return told


def _object(one: dict[str, Any]) -> Iterator[str]:
    name = escaped(one["name"])
    yield f"{name:8} {one['state_name'].lower().replace('_', ' ')} ({one['state']}){_result(one)}"
    operation = one["operation"]
    if operation is not None:
        yield f"  operation {operation['id']}, {operation['kind'].lower()}{_attempt(operation)}"
        if operation["received"]:
            yield f"  {bar(operation['received'], operation['total'])}"
    if one["waits"]:
        more = f", {duration(one['waits_s'])}" if one["waits_s"] else ""
        yield f"  waits: {escaped(one['waits'])}{more}"


def _attempt(operation: dict[str, Any]) -> str:
    if not operation["attempt"]:
        return ""
    return f", {operation['phase']} {operation['attempt']} of {operation['attempts_max']}"


def _result(one: dict[str, Any]) -> str:
    if one["result"] is None:
        return ""
    return f", result {one['result']}" + ("" if one["reported"] else ", not reported yet")


def duration(seconds: float) -> str:
    """`42 s`, `5 min`, `3 h 20 min`, `2 d 4 h`."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 120:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes % 60} min"
    return f"{days} d {hours % 24} h"
