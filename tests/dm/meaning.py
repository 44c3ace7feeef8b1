"""Messages compared by what they mean: a document in Data is one tree, in XML and in WBXML."""

from msgspec.structs import replace

from fumo.dm.documents import kind_of
from fumo.dm.message import Item, Message
from fumo.dm.tnds import decode_tnds


def meaning(message: Message) -> tuple[object, ...]:
    """The message, and beside it the documents taken out of it."""
    documents: list[object] = []
    commands = tuple(
        replace(command, items=tuple(_without(item, documents) for item in command.items))
        if hasattr(command, "items")
        else command
        for command in message.commands
    )
    return replace(message, commands=commands), *documents


def _without(item: Item, documents: list[object]) -> Item:
    if item.meta is None or item.data is None or not kind_of(item.meta.type):
        return item
    documents.append(decode_tnds(item.data, item.meta.type))
    return replace(item, data=None, meta=None)
