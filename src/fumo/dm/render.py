"""A message as lines of text for people: every command, id and node address in it. Pure.

One walk over the value, never over its bytes; long data is cut, and raw bytes are shown as hex.
"""

from collections.abc import Iterable, Iterator

from fumo.codes import AlertCode, result
from fumo.codes import Status as StatusCode
from fumo.dm.embedded import in_xml
from fumo.dm.message import (
    Alert,
    Atomic,
    Chal,
    Command,
    Cred,
    Header,
    Id,
    Item,
    Location,
    Message,
    Meta,
    Results,
    Sequence,
    Status,
    Unknown,
)
from fumo.dm.shown import escaped

DATA_CHARACTERS_MAX = 200
"""Characters of one Data shown."""
RAW_BYTES_MAX = 16
"""Raw bytes of one Data shown, in hex."""
STEP = "  "
BASIC = "syncml:auth-basic"
FIRMWARE_ALERT = "org.openmobilealliance.dm.firmwareupdate."
RESULT_DIGITS_MAX = 9


def render(message: Message) -> list[str]:
    """The lines of a message."""
    end = "Final" if message.final else "more messages follow in this package"
    return [*_header(message.header), *_commands(message.commands, ""), end]


def _header(header: Header) -> Iterator[str]:
    yield (
        f"{quoted(header.ver_proto)} session {quoted(header.session_id)} message {header.msg_id}"
        f" from {location(header.source)} to {location(header.target)}"
    )
    if header.resp_uri is not None:
        yield f"{STEP}RespURI {quoted(header.resp_uri)}"
    if header.cred:
        yield f"{STEP}Cred {_cred(header.cred)}"
    yield from _named("Meta", meta(header.meta), STEP)


def _commands(commands: Iterable[Command], indent: str) -> Iterator[str]:
    for command in commands:
        yield indent + title(command)
        yield from _inside(command, indent + STEP)


def title(command: Command) -> str:
    """One line for a command: its name, its id, and what it says in a word."""
    name = quoted(command.name) if isinstance(command, Unknown) else type(command).__name__
    number = f" {_id(command.cmd_id)}" if command.cmd_id else ""
    return f"{name}{number}{_says(command)}"


def _says(command: Command) -> str:
    match command:
        case Status():
            answers = f"{quoted(command.cmd)} {_id(command.cmd_ref)} of message {command.msg_ref}"
            return f": {coded(command.code, StatusCode)} for {answers}"
        case Results():
            return f": of command {_id(command.cmd_ref)} of message {command.msg_ref}"
        case Alert():
            return f": {coded(command.code, AlertCode)}"
        case Unknown():
            return ": not a command of DM"
    return ""


def _inside(command: Command, indent: str) -> Iterator[str]:
    match command:
        case Status():
            yield from (f"{indent}TargetRef {quoted(uri)}" for uri in command.target_refs)
            yield from (f"{indent}SourceRef {quoted(uri)}" for uri in command.source_refs)
            if command.chal:
                yield f"{indent}Chal {_chal(command.chal)}"
        case Results():
            yield from _named("TargetRef", _or_none(command.target_ref), indent)
            yield from _named("SourceRef", _or_none(command.source_ref), indent)
    yield from _named("Meta", meta(getattr(command, "meta", None)), indent)
    yield from _named("Correlator", _or_none(getattr(command, "correlator", None)), indent)
    if isinstance(command, Atomic | Sequence):
        yield from _commands(command.commands, indent)
    for item in getattr(command, "items", ()):
        yield from _item(item, indent)


def _item(item: Item, indent: str) -> Iterator[str]:
    shown = in_xml(item).data  # a document as text, also where it came as WBXML
    said = [
        f"to {location(item.target)}" if item.target else "",
        f"from {location(item.source)}" if item.source else "",
        f"[{meta(item.meta)}]" if item.meta else "",
        f"= {data(shown)}" if shown is not None else "",
        _result(item),
        "(more data follows)" if item.more_data else "",
    ]
    yield f"{indent}Item {' '.join(word for word in said if word)}".rstrip()


def _result(item: Item) -> str:
    """The meaning of the result code that a firmware alert carries (FUMO 6.2)."""
    type_name = (item.meta.type if item.meta else None) or ""
    code = item.data if isinstance(item.data, str) else ""
    if FIRMWARE_ALERT not in type_name or not (code.isascii() and code.isdigit()):
        return ""
    meaning = result(int(code[:RESULT_DIGITS_MAX]))
    return f"({meaning.name})" if meaning else "(no result code of FUMO)"


def _id(number: Id) -> str:
    return quoted(str(number))


def _named(name: str, said: str, indent: str) -> Iterator[str]:
    if said:
        yield f"{indent}{name} {said}"


def _or_none(text: str | None) -> str:
    return "" if text is None else quoted(text)


def _cred(cred: Cred) -> str:
    is_password = cred.meta is not None and cred.meta.type == BASIC
    return f"[{meta(cred.meta)}] {'(a password, not shown)' if is_password else data(cred.data)}"


def _chal(chal: Chal) -> str:
    return f"[{meta(chal.meta)}]"


# --- words ------------------------------------------------------------------------------------


def location(where: Location) -> str:
    """An address, with the name beside it."""
    return quoted(where.uri) + (f" ({quoted(where.name)})" if where.name is not None else "")


def meta(value: Meta | None) -> str:
    """What is said about data: `Format chr, Type text/plain`."""
    if value is None:
        return ""
    said = {
        "Format": value.format,
        "Type": value.type,
        "Mark": value.mark,
        "Size": value.size,
        "NextNonce": value.next_nonce,
        "MaxMsgSize": value.max_msg_size,
        "MaxObjSize": value.max_obj_size,
    }
    return ", ".join(
        f"{name} {quoted(str(word))}" for name, word in said.items() if word is not None
    )


def data(value: str | bytes) -> str:
    """Data, cut to what a line holds."""
    if isinstance(value, bytes):
        more = " ..." if len(value) > RAW_BYTES_MAX else ""
        return f"{len(value)} bytes: {value[:RAW_BYTES_MAX].hex(' ')}{more}".rstrip()
    if len(value) > DATA_CHARACTERS_MAX:
        return f'"{escaped(value[:DATA_CHARACTERS_MAX])}" ... ({len(value)} characters)'
    return f'"{escaped(value)}"'


def quoted(text: str) -> str:
    """A word as it is, or in quotes when it would be lost or mislead on the line."""
    plain = text and not any(mark in text for mark in ' "[]()') and escaped(text) == text
    return text if plain else f'"{escaped(text)}"'


def coded(code: int, names: type[StatusCode] | type[AlertCode]) -> str:
    """A code with its name: `404 not found`."""
    known = {each.value: each.name.lower().replace("_", " ") for each in names}
    return f"{code} {known.get(code, '')}".rstrip()
