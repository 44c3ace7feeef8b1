"""Pushes through a push proxy gateway, by the Push Access Protocol (WAP-247): multipart/related.

The first part says to whom, the second one is the body; the gateway makes the WSP push and the
short message. What Kannel makes of it has the content type as text and headers of its own.
"""

import re
import secrets
from xml.sax.saxutils import quoteattr

from msgspec import Struct

from fumo.dm.wsp import APPLICATION_NAME, Push
from fumo.server.edges.events.guard import Net
from fumo.server.edges.events.post import exchange
from fumo.server.edges.senders.signing import Secret, basic
from fumo.server.waking import Parcel, Sent

ALL_S = 15.0
READ_MAX = 16_384
ACCEPTED = range(1000, 2000)
"""Result codes of the protocol: 1001 is accepted for processing, 1000 is done."""
RESULT = re.compile(rb"""<response-result[^>]*\bcode\s*=\s*["'](\d{4})["']""")
NUMBER = re.compile(r"\+?\d{3,20}")
HEAD = (
    '<?xml version="1.0"?>\n<!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 1.0//EN"'
    ' "http://www.wapforum.org/DTD/pap_1.0.dtd">\n'
)


class Pap(Struct, frozen=True, forbid_unknown_fields=True):
    """`[senders.pap]`: the gateway, and who we are to it. Secrets never show in a repr.

    `suffix` makes an address of a number: `WAPPUSH=+49...` and then this.
    """

    url: str = ""
    user: str = ""
    password: Secret = ""
    suffix: str = "/TYPE=PLMN@ppg"

    def __repr__(self) -> str:
        return f"Pap({self.url!r})"


class PapSender:
    """Implements `Sender`. Where the gateway is says the file of the machine's own operator."""

    def __init__(self, settings: Pap, anywhere: tuple[Net, ...], all_s: float = ALL_S) -> None:
        self._to, self._nets, self._all_s = settings, anywhere, all_s

    def send(self, parcel: Parcel) -> Sent:
        """The gateway accepted it, or what it says."""
        boundary = secrets.token_hex(16)
        to = self._address(parcel.place)
        body = entity(parcel.push, secrets.token_hex(16), to, boundary)
        kind = f'multipart/related; boundary="{boundary}"; type="application/xml"'
        headers = {"Content-Type": kind, "User-Agent": "fumo", "Connection": "close"}
        if self._to.user:
            headers["Authorization"] = basic(self._to.user, self._to.password)
        answer, said = exchange(self._to.url, headers, body, self._nets, self._all_s, READ_MAX)
        return verdict(answer.status, answer.words, said)

    def close(self) -> None:
        """Nothing is held."""

    def _address(self, place: str) -> str:
        return f"WAPPUSH={place}{self._to.suffix}" if NUMBER.fullmatch(place) else place


def entity(push: Push, push_id: str, to: str, boundary: str) -> bytes:
    """The two parts: the order to the gateway, and what it carries."""
    order = (
        f"{HEAD}<pap><push-message push-id={quoteattr(push_id)}>"
        f"<address address-value={quoteattr(to)}></address>"
        '<quality-of-service delivery-method="unconfirmed"></quality-of-service>'
        "</push-message></pap>\n"
    )
    words = "".join(f"; {name}={value}" for name, value in push.parameters.items())
    application = f"X-WAP-Application-Id: {APPLICATION_NAME}\r\n" if push.application else ""
    edge = f"--{boundary}"
    head = (
        f"{edge}\r\nContent-Type: application/xml\r\n\r\n{order}\r\n{edge}\r\n"
        f"Content-Type: {push.media_type}{words}\r\n{application}\r\n"
    )
    return head.encode() + push.body + f"\r\n{edge}--\r\n".encode()


def verdict(status: int, words: str, said: bytes) -> Sent:
    """What the gateway made of it: a bad message is this device's, all else the gateway's."""
    if not 200 <= status < 300:
        return Sent(f"the push gateway: {words}", down=status not in (400, 404))
    found = RESULT.search(said)
    if found is None or int(found.group(1)) in ACCEPTED:
        return Sent()
    return Sent(f"the push gateway answered {found.group(1).decode()}")
