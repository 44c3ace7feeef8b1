"""Who may do what by the API: roles, names, passwords, and the shape of a token. Pure.

A token may have a smaller role than its user, and an end. It is 32 octets that nobody can guess, so
its plain SHA-256 is enough to keep. It is shown once, when it is made, and stands nowhere after.
"""

import base64
import hashlib
from enum import StrEnum

from msgspec import Struct

from fumo.server.rollout import Denied

TOKEN_PREFIX = "fumo_"
TOKEN_BYTES = 32
NAME_LENGTH_MAX = 64
RESERVED = frozenset({"owner", "nobody", "server"})
PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 256
SESSION_S = 12 * 3600.0
"""How long a token is good that a password bought."""
SESSIONS_MAX = 20
"""Of one user: the oldest one ends when another begins."""
TOKEN_LASTS_MAX_S = 10 * 366 * 24 * 3600.0


class Role(StrEnum):
    """Each may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """May this role do what asks for that one?"""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)

    def at_most(self, other: "Role") -> "Role":
        """The smaller of the two."""
        return other if self.covers(other) else self


class Actor(Struct, frozen=True):
    """Who asks, and from where."""

    name: str
    role: Role
    place: str
    token: int | None = None
    """The number of the token that proved it, if one did."""


def role_of(words: str) -> Role:
    """The role of this name, or Denied."""
    try:
        return Role(words)
    except ValueError:
        raise Denied(f"no role {words!r}: there are {', '.join(Role)}") from None


def check_name(name: str) -> None:
    """Denied unless a user may be called so."""
    if name in RESERVED:
        raise Denied(f"{name!r} is no user's name: the audit log calls others so")
    plain = name.isascii() and name.replace("-", "a").replace(".", "a").replace("_", "a").isalnum()
    if not (plain and len(name) <= NAME_LENGTH_MAX):
        raise Denied("a user's name has 1 to 64 letters, digits, dots, dashes and underscores")


def check_password(password: str) -> None:
    """Denied unless it is long enough to be one, and short enough to be hashed."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise Denied(f"a password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters")


def token_text(octets: bytes) -> str:
    """A token as its user is given it."""
    return TOKEN_PREFIX + base64.urlsafe_b64encode(octets).decode().rstrip("=")


def token_sha256(text: str) -> str:
    """A token as it is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def ends_at_s(lasts_s: float | None, at_s: float) -> float | None:
    """When a token ends that lasts so long; Denied when that is no time."""
    if lasts_s is None:
        return None
    if not 0 < lasts_s <= TOKEN_LASTS_MAX_S:
        raise Denied(f"a token lasts more than 0 and at most {TOKEN_LASTS_MAX_S:.0f} seconds")
    return at_s + lasts_s
