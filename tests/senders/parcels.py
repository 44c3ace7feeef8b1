"""Package #0 of a device, and the parcel that carries it."""

from fumo.dm.notification import UiMode
from fumo.dm.session import Nonces
from fumo.server.notify import pushed_notice
from fumo.server.rows import Device
from fumo.server.waking import Parcel

DEVICE = Device("IMEI:1", "u1", "p1", "s1", nonces=Nonces(own=b"a nonce of it"))
PUSH = pushed_notice(DEVICE, "fumo", 0x1F, UiMode.INFORMATIVE)
BODY = PUSH.body
"""Package #0 itself."""
WSP = bytes.fromhex("010603c4af87") + BODY
"""TID 1, a push, three octets of headers: the content type 0x44, X-Wap-Application-Id 7."""
UDH = bytes.fromhex("0605040b8423f0")


def parcel(place: str, push: object = PUSH) -> Parcel:
    """To this place."""
    return Parcel(DEVICE.id, place, push, "1F")  # type: ignore[arg-type]
