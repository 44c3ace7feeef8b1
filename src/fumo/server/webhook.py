"""Webhooks: addresses that are told events, signed, in their order, and again until they take them.

Pure. A webhook remembers the last event that its receiver took. What is told may be told twice (a
receiver that took it may fail to say so), never out of order, and nothing is left out: a webhook
that was given up as *dead* goes on where it was, once an admin resumes it.
"""

import hashlib
import hmac
from enum import StrEnum
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from fumo.server.events import Wanted
from fumo.server.rollout import Denied

URL_LENGTH_MAX = 2_000
KINDS_MAX = 16
KIND_LENGTH_MAX = 64
HOOKS_MAX = 32
SECRET_BYTES = 32
SECRET_PREFIX = "fumo_hook_"
EVENTS_MAX = 100
"""Events in one delivery."""
TRIES_MAX = 20
"""Failed tries after which it is dead: with these waits, half a day."""
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 3600.0
LEASE_S = 60.0
"""How long one process has a webhook for itself: longer than any try takes."""
GONE = 410
"""A receiver that answers so wants no more, now and later."""


class HookState(StrEnum):
    """*Dead* is one that failed too often; an admin's resume makes it active again."""

    ACTIVE = "active"
    PAUSED = "paused"
    DEAD = "dead"


class Hook(Struct, frozen=True):
    """A row. `number`: the last event that was taken; `reason`: what was wrong at the last try."""

    id: int
    url: str
    secret: str
    kinds: tuple[str, ...]
    state: HookState
    number: int
    created_at_s: float
    tries: int = 0
    due_at_s: float = 0.0
    lease_until_s: float = 0.0
    reason: str = ""
    told_at_s: float | None = None

    def __repr__(self) -> str:
        return f"Hook({self.id}, {self.state})"

    @property
    def wanted(self) -> Wanted:
        """Which events it is told: an admin made it."""
        return Wanted(self.kinds, audit=True)


class Answer(Struct, frozen=True):
    """What came of a try: an HTTP status, or why there is none."""

    status: int = 0
    trouble: str = ""

    @property
    def good(self) -> bool:
        """Was it taken?"""
        return 200 <= self.status < 300

    @property
    def words(self) -> str:
        """For an admin; nothing that the receiver wrote is in it."""
        return self.trouble or f"it answered {self.status}"


def check_url(url: str) -> None:
    """Denied unless it is an address that can be told something."""
    try:
        parts = urlsplit(url)
        there = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        there = False
    if not there or not url.isascii() or not url.isprintable() or " " in url:
        raise Denied(f"{url[:80]!r} is no address: give https://HOST/PATH")
    if len(url) > URL_LENGTH_MAX or "@" in parts.netloc or parts.fragment:
        raise Denied("a webhook's address has no user, no fragment, and 2,000 characters at most")


def check_kinds(kinds: tuple[str, ...]) -> None:
    """Denied unless these may be kinds of events."""
    plain = all(k and k.replace(".", "").replace("_", "").isalnum() and k.isascii() for k in kinds)
    if not plain or len(kinds) > KINDS_MAX or any(len(k) > KIND_LENGTH_MAX for k in kinds):
        raise Denied(f"kinds are such as operation.failed or alert, {KINDS_MAX} at most")


def signature(secret: str, at_s: int, body: bytes) -> str:
    """What proves that we said this, and when: HMAC-SHA256 of `timestamp.body`, in hex."""
    return hmac.digest(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hex()


def headers(hook: Hook, at_s: int, body: bytes) -> dict[str, str]:
    """Of one delivery."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "fumo",
        "Fumo-Webhook": str(hook.id),
        "Fumo-Timestamp": str(at_s),
        "Fumo-Signature": f"sha256={signature(hook.secret, at_s, body)}",
    }


def after(hook: Hook, answer: Answer, number: int, at_s: float) -> Hook:
    """The webhook after a try that told everything up to this number."""
    if answer.good:
        return replace(
            hook, number=number, tries=0, due_at_s=at_s, told_at_s=at_s, reason="", lease_until_s=0
        )
    tries = hook.tries + 1
    dead = tries >= TRIES_MAX or answer.status == GONE
    return replace(
        hook,
        state=HookState.DEAD if dead else hook.state,
        tries=tries,
        due_at_s=at_s + wait_s(tries),
        reason=answer.words,
        lease_until_s=0.0,
    )


def wait_s(tries: int) -> float:
    """How long after the failed try of this number: 5 s, 10 s, ..., an hour at most."""
    return float(min(FIRST_WAIT_S * 2 ** min(tries - 1, 20), LONGEST_WAIT_S))


def resumed(hook: Hook, at_s: float) -> Hook:
    """Active again, at once, where it was."""
    return replace(hook, state=HookState.ACTIVE, tries=0, due_at_s=at_s)
