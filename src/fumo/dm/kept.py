"""Commands as plain data, to be kept in a session between two messages. Pure.

A session lies in a store as JSON, where bytes and text cannot share one field. So a command is
kept as WBXML without its values, and each value beside it as what it is. Promise: `again(keep(c))`
says the same as `c`.
"""

from msgspec import Struct
from msgspec.structs import replace

from fumo.dm.codec import decode, encode
from fumo.dm.message import WBXML, Command, Header, Item, Location, Message

NOBODY = Header("-", 1, Location(), Location())


class Kept(Struct, frozen=True, omit_defaults=True):
    """A command whose Items' Data stand in `texts` and `raws`, one entry an Item."""

    head: bytes
    texts: tuple[str | None, ...] = ()
    raws: tuple[bytes | None, ...] = ()


def keep(command: Command) -> Kept:
    """Put a command away."""
    items = items_of(command)
    bare = with_items(command, tuple(replace(item, data=None) for item in items))
    head = encode(Message(NOBODY, (bare,)), WBXML)
    texts = tuple(item.data if isinstance(item.data, str) else None for item in items)
    raws = tuple(item.data if isinstance(item.data, bytes) else None for item in items)
    return Kept(head, texts, raws)


def again(kept: Kept) -> Command:
    """The command that was put away."""
    [bare] = decode(kept.head, WBXML).commands
    data = zip(items_of(bare), kept.texts, kept.raws, strict=True)
    items = tuple(replace(i, data=raw if text is None else text) for i, text, raw in data)
    return with_items(bare, items)


def items_of(command: Command) -> tuple[Item, ...]:
    """A command's own Items; those of commands in it are none of them."""
    items: tuple[Item, ...] = getattr(command, "items", ())
    return items


def with_items(command: Command, items: tuple[Item, ...]) -> Command:
    """The same command on other Items."""
    return replace(command, items=items) if items else command
