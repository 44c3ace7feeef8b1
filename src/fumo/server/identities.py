"""What makes a device one that is believed: its secrets, made here, and its certificate.

Promises: secrets are random and given once, to whoever ordered them; nothing gives them again. Two
devices are never bound to one key.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from fumo.dm.session import Nonces
from fumo.server.binding import Binding, checked
from fumo.server.denied import Denied
from fumo.server.office import Missing, Office
from fumo.server.rows import Device
from fumo.server.secrets import Secrets, made

Octets: TypeAlias = Callable[[int], bytes]
NONE = Nonces()


class Identity(Struct, frozen=True):
    """What is wanted of a new device; without a `user` its name is its id."""

    id: str
    user: str = ""
    profile: str = "standard"
    binding: Binding = Binding()


class Enrolled(Struct, frozen=True):
    """Devices that were made, secrets and all, and the ids of those that were there already."""

    made: tuple[Device, ...]
    known: tuple[str, ...]


def enrol(office: Office, wanted: Sequence[Identity]) -> Enrolled:
    """New devices with secrets of their own; those that are there stay as they are."""
    new, known = list[Device](), list[str]()
    for one in {each.id: each for each in wanted}.values():
        if office.store.device(one.id) is not None:
            known.append(one.id)
        else:
            new.append(office.add_device(_device(office, one)))
    return Enrolled(tuple(new), tuple(known))


def bind(office: Office, device_id: str, wanted: Binding) -> Device:
    """Bind a device to a certificate, or to none any more."""
    binding = _free(office, device_id, checked(wanted))
    return changed(office, device_id, lambda device: _bound(device, binding))


def renew(office: Office, device_id: str) -> Device:
    """Give a device new secrets: it is believed again when it has them, and not before."""
    return changed(office, device_id, lambda device: with_secrets(device, made(office.octets)))


def with_secrets(device: Device, secrets: Secrets, nonces: Nonces = NONE) -> Device:
    """Nothing of the old proofs is left."""
    return replace(
        device, secret=secrets.password, server_secret=secrets.server_password, nonces=nonces
    )


def changed(office: Office, device_id: str, decide: Callable[[Device], Device]) -> Device:
    """A device as it is decided, or Missing."""
    device = office.store.change_device(device_id, decide)
    if device is None:
        raise Missing(f"no device {device_id!r}: add it with 'fumo devices add'")
    return device


def _device(office: Office, wanted: Identity) -> Device:
    secrets = made(office.octets)
    plain = Device(
        wanted.id, wanted.user or wanted.id, secrets.password, secrets.server_password,
        wanted.profile,
    )  # fmt: skip
    return _bound(plain, _free(office, wanted.id, checked(wanted.binding)))


def _bound(device: Device, binding: Binding) -> Device:
    return replace(
        device,
        bound_key=binding.key_sha256,
        bound_name=binding.name,
        certificate_alone=binding.alone,
    )


def _free(office: Office, device_id: str, binding: Binding) -> Binding:
    owner = office.store.bound_to(binding.key_sha256) if binding.key_sha256 else None
    if owner not in (None, device_id):
        raise Denied(f"device {owner!r} is bound to this key: no two devices share one")
    return binding
