"""Pushes as binary short messages, by SMPP 3.4 to an SMSC (extra `push`).

    user data header 06 | 05 04 0B84 23F0 | WSP push           port 2948 from port 9200
    or             0B | 05 04 0B84 23F0 | 00 03 ref total number | a part of the push

What is longer than a message (140 octets) goes in parts that the phone joins. The session with the
SMSC stays open from one message to the next, and is made anew when it broke.
"""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from fumo.dm.wsp import UDH_SENT, build
from fumo.server.edges.senders.looping import Loop, module
from fumo.server.edges.senders.signing import Port, Secret
from fumo.server.waking import Parcel, Sent

if TYPE_CHECKING:
    import smpp34

ESM_UDHI = 0x40
"""The message begins with a user data header (SMPP 5.2.12)."""
BINARY = 0x04
INTERNATIONAL, UNKNOWN, ISDN = 1, 0, 1
MESSAGE_BYTES = 140
PARTS_MAX = 8
PART_BYTES = MESSAGE_BYTES - len(UDH_SENT) - 5
ALL_S = 15.0
LEAVE_S = 1.0
SAYS_WHO = {0x0B, 0x45, 0x50, 0x51}
"""Statuses that are about the number: it is none, or this one message failed."""


class Smpp(Struct, frozen=True, forbid_unknown_fields=True):
    """`[senders.smpp]`: the SMSC, and who we are to it. Secrets never show in a repr."""

    host: str = ""
    port: Port = 2775
    system_id: str = ""
    password: Secret = ""
    system_type: str = ""
    source: str = ""
    tls: bool = False

    def __repr__(self) -> str:
        return f"Smpp({self.host!r}, {self.port})"


class SmppSender:
    """Implements `Sender`."""

    def __init__(self, settings: Smpp, all_s: float = ALL_S) -> None:
        """MissingExtra without smpp34."""
        self._library: Any = module("smpp34", "push")
        self._to, self._all_s, self._loop = settings, all_s, Loop("fumo-smpp")
        self._lock = asyncio.Lock()
        self._link: smpp34.Smsc | None = None
        self._client: smpp34.Client | None = None

    def send(self, parcel: Parcel) -> Sent:
        """All its messages, one after the other: the SMSC took them, or what it says."""
        try:
            return self._loop.do(self._sent(parcel), self._all_s)
        except TimeoutError:
            self._forget()
            return Sent(f"the SMSC did not answer within {self._all_s:g} seconds", down=True)
        except Exception as fault:  # the library has one error for all of the world's
            self._forget()
            return Sent(f"the SMSC cannot be reached: {_words(fault)}", down=True)

    def close(self) -> None:
        """Leave the SMSC."""
        self._loop.close(self._leave())

    async def _sent(self, parcel: Parcel) -> Sent:
        link = await self._bound()
        number = parcel.place
        ton = INTERNATIONAL if number.startswith("+") else UNKNOWN
        for message in messages(build(parcel.push), secrets.randbelow(256)):
            said = await link.submit_sm(
                number.lstrip("+"),
                message,
                source_addr=self._to.source,
                esm_class=ESM_UDHI,
                data_coding=BINARY,
                dest_addr_ton=ton,
                dest_addr_npi=ISDN,
            )
            if not said.is_success:
                return refusal(said.command_status)
        return Sent()

    async def _bound(self) -> "smpp34.Smsc":
        """The open session, one for all that is sent at once."""
        async with self._lock:
            if self._link is None or self._client is None or not await self._client.is_alive():
                await self._leave()
                self._client = self._new_client()
                self._link = await self._client.connect()
            return self._link

    def _new_client(self) -> "smpp34.Client":
        to = self._to
        client: smpp34.Client = self._library.Client(
            to.host,
            to.port,
            to.system_id,
            to.password,
            bind_type="TX",
            system_type=to.system_type,
            tls=to.tls,
            connect_timeout_ms=int(self._all_s * 1000),
        )
        return client

    async def _leave(self) -> None:
        client, self._client, self._link = self._client, None, None
        if client is not None:
            with suppress(Exception):  # it is broken, or it would not be left
                await asyncio.wait_for(client.stop(), LEAVE_S)

    def _forget(self) -> None:
        self._link = None


def messages(push: bytes, reference: int) -> Iterator[bytes]:
    """A push as one short message, or as the parts of several."""
    if len(UDH_SENT) + len(push) <= MESSAGE_BYTES:
        yield UDH_SENT + push
        return
    parts = [push[at : at + PART_BYTES] for at in range(0, len(push), PART_BYTES)]
    ports = UDH_SENT[1:]
    for number, part in enumerate(parts, 1):
        joined = ports + bytes([0, 3, reference, len(parts), number])
        yield bytes([len(joined)]) + joined + part


def refusal(status: int) -> Sent:
    """What a status of the SMSC means: for this number alone, or for all."""
    return Sent(f"the SMSC answered {status:#010x}", down=status not in SAYS_WHO)


def _words(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"[:200]
