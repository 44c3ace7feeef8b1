"""Pushes as messages of MQTT (extra `push`): the bytes of the WSP push, at least once.

The connection with the broker stays open from one message to the next, and is made anew when it
broke.
"""

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from fumo.dm.wsp import build
from fumo.server.edges.senders.looping import Loop, module
from fumo.server.edges.senders.signing import Port, Secret
from fumo.server.waking import Parcel, Sent

if TYPE_CHECKING:
    import aiomqtt

ALL_S = 15.0
AT_LEAST_ONCE = 1


class Mqtt(Struct, frozen=True, forbid_unknown_fields=True):
    """`[senders.mqtt]`: the broker, and who we are to it. Secrets never show in a repr."""

    host: str = ""
    port: Port = 1883
    user: str = ""
    password: Secret = ""
    tls: bool = False
    identifier: str = ""

    def __repr__(self) -> str:
        return f"Mqtt({self.host!r}, {self.port})"


class MqttSender:
    """Implements `Sender`."""

    def __init__(self, settings: Mqtt, all_s: float = ALL_S) -> None:
        """MissingExtra without aiomqtt."""
        self._library: Any = module("aiomqtt", "push")
        self._to, self._all_s, self._loop = settings, all_s, Loop("fumo-mqtt")
        self._lock = asyncio.Lock()
        self._entered: aiomqtt.Client | None = None
        self._link: aiomqtt.Client | None = None

    def send(self, parcel: Parcel) -> Sent:
        """The broker took it, or why not."""
        try:
            self._loop.do(self._sent(parcel.place, build(parcel.push)), self._all_s)
        except TimeoutError:
            return self._broken(f"the broker did not answer within {self._all_s:g} seconds")
        except Exception as fault:  # sockets, TLS, the library's own, and paho's
            return self._broken(f"the broker: {type(fault).__name__}: {fault}"[:200])
        return Sent()

    def close(self) -> None:
        """Leave the broker."""
        self._loop.close(self._leave())

    async def _sent(self, topic: str, payload: bytes) -> None:
        link = await self._connected()
        await link.publish(topic, payload, qos=AT_LEAST_ONCE, timeout=self._all_s)

    async def _connected(self) -> "aiomqtt.Client":
        async with self._lock:
            if self._link is None:
                await self._leave()
                self._entered = self._new_client()
                await self._entered.__aenter__()
                self._link = self._entered
            return self._link

    def _new_client(self) -> "aiomqtt.Client":
        to = self._to
        client: aiomqtt.Client = self._library.Client(
            to.host,
            to.port,
            username=to.user or None,
            password=to.password or None,
            identifier=to.identifier or None,
            tls_context=ssl.create_default_context() if to.tls else None,
            timeout=self._all_s,
        )
        return client

    async def _leave(self) -> None:
        client, self._entered, self._link = self._entered, None, None
        if client is not None:
            with suppress(Exception):  # it is broken, or was never there
                await client.__aexit__(None, None, None)

    def _broken(self, trouble: str) -> Sent:
        self._link = None
        return Sent(trouble, down=True)
