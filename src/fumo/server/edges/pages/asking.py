"""What the form of a new campaign says, as `/api/v1/campaigns` wants it. Pure.

Only what a form writes otherwise than the API is read here: lists by lines, times in UTC, minutes
and days. Whether it makes sense is for the API to say.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fumo.server.denied import Denied

DAY_S = 24 * 3600.0
FIELDS = (
    *("package", "operation", "by", "filter", "devices", "name", "deadline_days"),
    *("begin", "starts_at", "ends_at", "shares", "success_percent", "error_percent", "rate"),
    *("windows", "zone", "retry_count", "retry_wait_min", "retry_on", "wake_rate"),
    "bytes_per_s",
)
TICKS = ("dynamic", "approval", "download_anytime", "consent", "descriptor", "wake")
FIRST = {
    **dict.fromkeys(FIELDS, ""),
    **dict.fromkeys(TICKS, ""),
    "by": "filter",
    "begin": "now",
    "deadline_days": "7",
    "zone": "UTC",
    "retry_wait_min": "60",
    "retry_on": "failed",
}
"""The form as it is first seen."""


def filled(form: Mapping[str, Any]) -> dict[str, str]:
    """The form as somebody filled it in, to be shown again."""
    return {name: form[name].strip() if isinstance(form.get(name), str) else ""
            for name in (*FIELDS, *TICKS)}  # fmt: skip


def body(form: Mapping[str, str]) -> dict[str, Any]:
    """What is asked of the API. Denied: a number or a time is none."""
    by_filter = form["by"] == "filter"
    return {
        "package": form["package"],
        "operation": form["operation"],
        "name": form["name"],
        "deadline_s": _number(form, "deadline_days", "days to wait for a result", 7.0) * DAY_S,
        "terms": _terms(form),
        "filter": form["filter"] if by_filter else None,
        "dynamic": by_filter and bool(form["dynamic"]),
        "devices": [] if by_filter else _lines(form["devices"]),
    }


def _terms(form: Mapping[str, str]) -> dict[str, Any]:
    at = form["begin"] == "at"
    if at and not form["starts_at"]:
        raise Denied("say when it starts")
    return {
        "starts": form["begin"] != "draft",
        "starts_at_s": _moment(form, "starts_at", "its start") if at else None,
        "ends_at_s": _moment(form, "ends_at", "its end"),
        "shares": [_whole(word, "a group's share") for word in _words(form["shares"])],
        "success_percent": _whole(form["success_percent"] or "0", "the success threshold"),
        "error_percent": _whole(form["error_percent"] or "0", "the error threshold"),
        "rate": _whole(form["rate"] or "0", "the rate"),
        "wake_rate": _whole(form["wake_rate"] or "0", "the rate of waking"),
        "bytes_per_s": _whole(form["bytes_per_s"] or "0", "the speed"),
        "windows": _lines(form["windows"]),
        "zone": form["zone"] or "UTC",
        "retries": _retries(form),
        **{name: bool(form[name]) for name in TICKS if name != "dynamic"},
    }


def _retries(form: Mapping[str, str]) -> dict[str, Any]:
    count = _whole(form["retry_count"] or "0", "how often it tries again")
    wait_s = _number(form, "retry_wait_min", "minutes to wait before it tries again", 60.0) * 60
    return {"count": count, "wait_s": wait_s, "on": _words(form["retry_on"]) if count else []}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace("%", " ").split()


def _whole(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Denied(f"{what} is a whole number, not {text[:40]!r}")
    return int(text)


def _number(form: Mapping[str, str], name: str, what: str, otherwise: float) -> float:
    text = form[name]
    plain = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 12
    if text and not plain:
        raise Denied(f"{what}: a number, not {text[:40]!r}")
    return float(text) if text else otherwise


def _moment(form: Mapping[str, str], name: str, what: str) -> float | None:
    if not form[name]:
        return None
    try:
        return datetime.fromisoformat(form[name]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Denied(f"{what}: a time such as 2026-12-31T22:30, in UTC") from None
