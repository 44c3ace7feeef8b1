"""Who may do what by the API: roles, what each route asks for, and the shape of a token. Pure.

A token is 32 octets that nobody can guess, so its plain SHA-256 is enough to keep. It is shown
once, when it is made, and stands nowhere afterwards.
"""

import base64
import hashlib
from enum import StrEnum

from msgspec import Struct

from fumo.server.rollout import Denied

TOKEN_PREFIX = "fumo_"
TOKEN_BYTES = 32
NAME_LENGTH_MAX = 64
PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 256


class Role(StrEnum):
    """Each may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """May this role do what asks for that one?"""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class Actor(Struct, frozen=True):
    """Who asks, and from where."""

    name: str
    role: Role
    place: str


def role_of(words: str) -> Role:
    """The role of this name, or Denied."""
    try:
        return Role(words)
    except ValueError:
        raise Denied(f"no role {words!r}: there are {', '.join(Role)}") from None


def check_name(name: str) -> None:
    """Denied unless a user may be called so."""
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
