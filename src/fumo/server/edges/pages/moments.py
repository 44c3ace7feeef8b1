"""Moments as the templates write them."""

from datetime import UTC, datetime


def iso(at_s: float) -> str:
    """A moment for machines."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


def clock(at_s: float) -> str:
    """A moment for people without a script: in UTC."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
