"""What the API takes and gives, as Structs; its OpenAPI document is made of them. No secrets."""

from typing import Annotated

from msgspec import Meta, Struct

from fumo.server.edges.access_store import AuditRow, TokenRow, UserRow
from fumo.server.edges.api import CampaignTold, NewCampaign, NewDevice
from fumo.server.rows import AlertRow, Package
from fumo.server.told import DeviceTold, OperationTold

Number = Annotated[int, Meta(ge=0, le=(1 << 53))]


class AlertTold(Struct, frozen=True):
    """An alert as it came, and what it was matched to."""

    id: int
    alert: AlertRow


class Devices(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[DeviceTold]
    next: str | None


class Packages(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[Package]
    next: str | None


class Campaigns(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[CampaignTold]
    next: str | None


class Operations(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[OperationTold]
    next: str | None


class Alerts(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[AlertTold]
    next: str | None


class Audit(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[AuditRow]
    next: str | None


class Users(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[UserRow]
    next: str | None


class Tokens(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[TokenRow]
    next: str | None


class NewUser(Struct, frozen=True):
    """A user to be added; without a password only tokens let in."""

    name: str
    role: str
    password: str | None = None


class NewToken(Struct, frozen=True):
    """A token to be made for a user."""

    user: str
    label: str = ""


class TokenMade(Struct, frozen=True):
    """The only time that a token is shown."""

    id: int
    user: str
    token: str


class Problem(Struct, frozen=True):
    """RFC 9457: what went wrong, and in `detail` what to do."""

    title: str
    status: int
    detail: str


__all__ = [
    "AlertTold", "Alerts", "Audit", "Campaigns", "Devices", "NewCampaign", "NewDevice", "NewToken",
    "NewUser", "Number", "Operations", "Packages", "Problem", "TokenMade", "Tokens", "Users",
]  # fmt: skip
