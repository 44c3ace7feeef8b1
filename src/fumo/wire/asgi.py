"""The DM endpoint: one POST is one message, raw ASGI.

Promises: never more than `bytes_max` of a body in memory, never longer than `slow_s` for it, a
refusal in one line that says what and where, and every answer in one piece with its length.
Nothing that is no message reaches whoever answers.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from fumo.dm.codec import decode, form_of
from fumo.dm.mac import HEADER
from fumo.dm.message import Envelope
from fumo.dm.reply import MAX_MSG_SIZE
from fumo.errors import DecodeError
from fumo.wire.exchange import Answer, Reply, loopback, plain

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

MAC_HEADER = HEADER.encode()
CERTIFICATE = "fumo.certificate"
"""A key of the scope: what its peer `Shown`, from the handshake or by the word of a proxy."""
SLOW_S = 30.0
"""Seconds a peer has for one body: slower ones hold a connection and nothing else."""


class _Gone(Exception):
    """The peer left before its message was whole."""


def endpoint(answer: Answer, *, bytes_max: int = MAX_MSG_SIZE, slow_s: float = SLOW_S) -> App:
    """The ASGI application that takes DM messages and gives them to `answer`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            reply = await _answer(answer, scope, receive, bytes_max, slow_s)
        except _Gone:
            return
        await send_reply(send, reply)

    return app


async def _answer(
    answer: Answer, scope: Scope, receive: Receive, bytes_max: int, slow_s: float
) -> Reply:
    headers = {name.lower(): value for name, value in scope["headers"]}
    media_type = form_of(headers.get(b"content-type", b"").decode("latin-1"))
    if scope["method"] != "POST":
        return plain(405, "a DM message comes by POST")
    if media_type is None:
        return plain(415, "a DM message is application/vnd.syncml.dm+xml or +wbxml")
    if _announced(headers) > bytes_max:
        return plain(413, f"a message of more than {bytes_max} bytes")
    try:
        body = await asyncio.wait_for(_read(receive, bytes_max), slow_s)
        message = None if body is None else decode(body, media_type)
    except TimeoutError:
        return plain(408, f"the message took more than {slow_s:g} seconds")
    except DecodeError as fault:
        return plain(400, str(fault))
    if body is None or message is None:
        return plain(413, f"a message of more than {bytes_max} bytes")
    query = scope.get("query_string", b"").decode("latin-1")
    mac = headers.get(MAC_HEADER)
    proof = None if mac is None else mac.decode("utf-8", "replace")
    shown = scope.get(CERTIFICATE)
    return await answer(Envelope(message, body, media_type, _private(scope), query, proof, shown))


def _announced(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 19 else 0


async def _read(receive: Receive, bytes_max: int) -> bytes | None:
    """The body, or None as soon as it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise _Gone
        part = event.get("body", b"")
        size += len(part)
        if size > bytes_max:
            return None
        parts.append(part)
        if not event.get("more_body", False):
            return b"".join(parts)


def _private(scope: Scope) -> bool:
    client = scope.get("client")
    return scope.get("scheme") == "https" or bool(client and loopback(client[0]))


async def send_reply(send: Send, reply: Reply) -> None:
    """An answer in one piece, with its length."""
    headers = [
        (b"content-type", reply.media_type.encode("latin-1")),
        (b"content-length", str(len(reply.body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if reply.mac is not None:
        headers.append((MAC_HEADER, reply.mac.encode()))
    if reply.status == 405:
        headers.append((b"allow", b"POST"))
    if reply.status in (408, 413):
        headers.append((b"connection", b"close"))  # the rest of the body is not waited for
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
