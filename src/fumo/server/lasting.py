"""How long signed metadata is good: once it has expired, devices believe no update. Pure."""

from enum import StrEnum

from msgspec import Struct


class Standing(StrEnum):
    """How a role stands at a moment."""

    GOOD = "good"
    NEAR = "near"
    EXPIRED = "expired"


class SignedRole(Struct, frozen=True):
    """A role as devices are given it; with less than `warn_s` left somebody should sign."""

    role: str
    version: int
    expires_at_s: float
    warn_s: float


class RoleTold(Struct, frozen=True):
    """A role as people are told of it."""

    role: str
    version: int
    expires_at_s: float
    standing: Standing


class MetadataTold(Struct, frozen=True):
    """All roles, none where nothing is signed; `fault`: why they could not be read again."""

    items: list[RoleTold]
    fault: str = ""


def standing(role: SignedRole, at_s: float) -> Standing:
    """By what is left to it."""
    left_s = role.expires_at_s - at_s
    if left_s <= 0:
        return Standing.EXPIRED
    return Standing.NEAR if left_s < role.warn_s else Standing.GOOD


def told(role: SignedRole, at_s: float) -> RoleTold:
    """In words."""
    return RoleTold(role.role, role.version, role.expires_at_s, standing(role, at_s))
