"""Follows a descriptor to the package it speaks of, and holds what comes against its words.

Whether PkgURL leads to a descriptor is told by the type of what is there (FUMO 1.0, alternate
download). All that is known beforehand is judged before the package is asked for.
"""

from collections.abc import Callable
from typing import NamedTuple

from fumo.device.edges.http_body import Body
from fumo.device.edges.http_source import Wish
from fumo.device.edges.pace import Limits
from fumo.device.edges.trouble import Trouble
from fumo.device.edges.urls import led
from fumo.dlota.descriptor import (
    BYTES_MAX,
    MEDIA_TYPE,
    OTHER_TYPES,
    BadDescriptor,
    Descriptor,
    read,
)
from fumo.dlota.notify import Code
from fumo.errors import DecodeError
from fumo.update.failures import Cause, failure


class Described(NamedTuple):
    """A descriptor, and where it was found."""

    descriptor: Descriptor
    url: str


def is_descriptor(body: Body) -> bool:
    """Is this no package, but where to find one? Trouble: of a kind that is not followed."""
    if body.media_type in OTHER_TYPES:
        raise Trouble(failure(Cause.NOT_ACCEPTABLE))
    return body.media_type == MEDIA_TYPE


def read_descriptor(body: Body, wants_to_know: Callable[[str | None], None]) -> Described:
    """The descriptor in a body; Trouble when it is none.

    `wants_to_know` is told where the transfer is to be reported, also when nothing else is good.
    """
    try:
        text = body.read(BYTES_MAX + 1)
    finally:
        body.close()
    try:
        descriptor = read(text)
    except BadDescriptor as bad:
        wants_to_know(_led(body.url, bad.notify_uri))
        raise Trouble(failure(Cause.BAD_DESCRIPTOR), code=bad.code) from None
    except DecodeError:
        raise Trouble(failure(Cause.BAD_DESCRIPTOR)) from None
    wants_to_know(_led(body.url, descriptor.notify_uri))
    return Described(descriptor, body.url)


def object_wish(described: Described, resumed: Wish, limits: Limits) -> Wish:
    """What to ask for, from where the part file ends. Trouble: it would be of no use here."""
    descriptor = described.descriptor
    types = limits.package_types
    if types and not set(types) & set(descriptor.types):
        raise Trouble(failure(Cause.NOT_ACCEPTABLE))
    return Wish(
        led(described.url, descriptor.object_uri), resumed.start, resumed.etag, resumed.total
    )


def insist_on_type(body: Body, descriptor: Descriptor) -> None:
    """Trouble unless it came as one of the types that were told; an untold type may be any."""
    if body.media_type is not None and body.media_type not in descriptor.types:
        raise Trouble(failure(Cause.CORRUPT), code=Code.ATTRIBUTE_MISMATCH)


def _led(base: str, reference: str | None) -> str | None:
    """Where to report; whoever gives no address that can be asked is not told."""
    if reference is None:
        return None
    try:
        return led(base, reference)
    except Trouble:
        return None
