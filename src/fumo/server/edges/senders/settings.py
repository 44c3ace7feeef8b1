"""`[senders]` of the server's settings: which ways there are to devices, and how patient we are."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Annotated

from msgspec import Meta, Struct

from fumo.server.edges.events.guard import Net
from fumo.server.edges.senders.mqtt import Mqtt, MqttSender
from fumo.server.edges.senders.pap import Pap, PapSender
from fumo.server.edges.senders.smpp import Smpp, SmppSender
from fumo.server.edges.senders.udp import Udp
from fumo.server.edges.senders.webhook import Webhook, WebhookSender
from fumo.server.ports import Sender
from fumo.server.waking import ATTEMPTS_MAX, FIRST_WAIT_S, Patience

ANYWHERE: tuple[Net, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))


class Senders(Struct, frozen=True, forbid_unknown_fields=True):
    """A way whose host or url is empty is not there; UDP and webhooks need none."""

    attempts: Annotated[int, Meta(ge=1, le=50)] = ATTEMPTS_MAX
    wait_s: Annotated[float, Meta(ge=0.1, le=86_400)] = FIRST_WAIT_S
    smpp: Smpp = Smpp()
    pap: Pap = Pap()
    mqtt: Mqtt = Mqtt()
    webhook: Webhook = Webhook()

    @property
    def patience(self) -> Patience:
        """How often a device is asked, and when."""
        return Patience(self.attempts, self.wait_s)


def make(settings: Senders, nets: Sequence[Net]) -> dict[str, Sender]:
    """A sender for each way that is there. MissingExtra: its library is not installed."""
    made: dict[str, Sender] = {"udp": Udp(), "http": WebhookSender(settings.webhook, nets)}
    if settings.smpp.host:
        made["sms"] = SmppSender(settings.smpp)
    if settings.pap.url:
        made["pap"] = PapSender(settings.pap, ANYWHERE)
    if settings.mqtt.host:
        made["mqtt"] = MqttSender(settings.mqtt)
    return made
