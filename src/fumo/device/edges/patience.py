"""How long a server asks to be left alone (Retry-After, RFC 9110 10.2.3)."""

from email.message import Message
from email.utils import parsedate_to_datetime

RETRY_DIGITS_MAX = 9


def asked_to_wait_s(headers: Message) -> float:
    """Seconds; 0 when it does not ask, or in no words we know. Whoever waits bounds them.

    A date is read against the server's own, since a device may not know what day it is.
    """
    said = (headers.get("Retry-After") or "").strip()
    if said.isascii() and said.isdigit() and len(said) <= RETRY_DIGITS_MAX:
        return float(said)
    until_s, now_s = _seconds(said), _seconds(headers.get("Date") or "")
    return max(0.0, until_s - now_s) if until_s and now_s else 0.0


def _seconds(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0.0
