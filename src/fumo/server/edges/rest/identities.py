"""`/identities`, `/secrets` and `/bindings`: who a device is, and what proves it.

Ids stand in the body, since one may hold anything. An answer with secrets is given once: it has no
Idempotency-Key, and nothing tells them again.
"""

from typing import Any

from litestar import Response, post
from msgspec import Struct

from fumo.server import identities
from fumo.server.binding import Binding
from fumo.server.edges.marks import marks_of
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import OPERATOR, Asked, Rest, words
from fumo.server.identities import Identity
from fumo.server.rollout import Denied
from fumo.server.rows import Device
from fumo.server.told import UNMARKED, DeviceTold, device_told

DEVICES_MAX = 500


class NewIdentity(Struct, frozen=True, forbid_unknown_fields=True):
    """A device to be made: its secrets are the server's to make. `user` is its id if it is empty.

    It is bound to the certificate of a key, or to those of a name, or to none.
    """

    id: str
    user: str = ""
    profile: str = "standard"
    key_sha256: str | None = None
    name: str | None = None
    alone: bool = False

    def wanted(self) -> Identity:
        """As the server wants it."""
        binding = Binding(self.key_sha256, self.name and words(self.name), self.alone)
        return Identity(words(self.id), words(self.user), self.profile, binding)


class NewIdentities(Struct, frozen=True, forbid_unknown_fields=True):
    """Devices to be made."""

    devices: list[NewIdentity]


class SecretsMade(Struct, frozen=True):
    """The only time that a device's secrets are shown."""

    id: str
    user: str
    password: str
    server_password: str


class Identities(Struct, frozen=True):
    """Devices that were made, and the ids of those that were there already."""

    made: list[SecretsMade]
    known: list[str]


class DeviceNamed(Struct, frozen=True, forbid_unknown_fields=True):
    """A device that gets new secrets."""

    device: str


class NewBinding(Struct, frozen=True, forbid_unknown_fields=True):
    """A device, and the certificate that it is bound to: of a key, of a name, or none any more."""

    device: str
    key_sha256: str | None = None
    name: str | None = None
    alone: bool = False


def routes(rest: Rest) -> list[Any]:
    """All are orders."""
    office = rest.desk.office

    @post("/identities", opt=OPERATOR)
    async def make_identities(request: Asked, data: NewIdentities) -> Response[Identities]:
        wanted = [one.wanted() for one in data.devices]
        if not 0 < len(wanted) <= DEVICES_MAX:
            raise Denied(f"1 to {DEVICES_MAX} devices are made at once: send more of them")

        def job() -> Identities:
            done = identities.enrol(office, wanted)
            return Identities([_secrets(one) for one in done.made], list(done.known))

        target = f"{len(wanted)} from {wanted[0].id[:150]}"
        quotas = (("devices", ""),)
        change = Change("devices.make", target, job, secret=True, quotas=quotas)
        return await rest.changes.make(request, change)

    @post("/secrets", opt=OPERATOR)
    async def renew_secrets(request: Asked, data: DeviceNamed) -> Response[SecretsMade]:
        device_id = words(data.device)
        change = Change(
            "devices.secrets", device_id,
            lambda: _secrets(identities.renew(office, device_id)), secret=True,
        )  # fmt: skip
        return await rest.changes.make(request, change)

    @post("/bindings", opt=OPERATOR)
    async def bind_device(request: Asked, data: NewBinding) -> Response[DeviceTold]:
        device_id = words(data.device)
        wanted = Binding(data.key_sha256, data.name and words(data.name), data.alone)

        def job() -> DeviceTold:
            device = identities.bind(office, device_id, wanted)
            return device_told(device, marks_of(rest.reads, [device_id]).get(device_id, UNMARKED))

        return await rest.changes.make(request, Change("devices.bind", device_id, job))

    return [make_identities, renew_secrets, bind_device]


def _secrets(device: Device) -> SecretsMade:
    return SecretsMade(device.id, device.user, device.secret, device.server_secret)
