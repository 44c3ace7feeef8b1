"""Pushes by HTTP to whoever brings them to the device, such as an SMS gateway: JSON, signed.

    {"device": "IMEI:…", "session": "1F", "content_type": "…", "push": base64, "body": base64}

`push` is the whole WSP push, `body` what is in it. An address may be set by an operator of Fumo,
who is none of the machine it runs on: it leads where a webhook may lead (`events/guard`).
"""

import time
from base64 import b64encode
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from fumo.dm.wsp import build
from fumo.server.edges.events.guard import Net
from fumo.server.edges.events.post import exchange
from fumo.server.edges.senders.signing import Secret
from fumo.server.waking import Parcel, Sent
from fumo.server.webhook import signature


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """`[senders.webhook]`: the secret that signs. Secrets never show in a repr."""

    secret: Secret = ""

    def __repr__(self) -> str:
        return "Webhook()"


class WebhookSender:
    """Implements `Sender`."""

    def __init__(self, settings: Webhook, nets: Sequence[Net]) -> None:
        self._secret, self._nets = settings.secret, nets

    def send(self, parcel: Parcel) -> Sent:
        """Its receiver took it, or what it said instead."""
        body = msgspec.json.encode(told(parcel))
        answer, _ = exchange(parcel.place, self._headers(body), body, self._nets)
        return Sent() if answer.good else Sent(answer.words)

    def close(self) -> None:
        """Nothing is held."""

    def _headers(self, body: bytes) -> dict[str, str]:
        at_s = int(time.time())
        headers = {"Content-Type": "application/json", "User-Agent": "fumo"}
        if not self._secret:
            return headers
        signed = f"sha256={signature(self._secret, at_s, body)}"
        return headers | {"Fumo-Timestamp": str(at_s), "Fumo-Signature": signed}


def told(parcel: Parcel) -> dict[str, str]:
    """What the receiver is told."""
    return {
        "device": parcel.device_id,
        "session": parcel.session,
        "content_type": parcel.push.media_type,
        "push": b64encode(build(parcel.push)).decode(),
        "body": b64encode(parcel.push.body).decode(),
    }
