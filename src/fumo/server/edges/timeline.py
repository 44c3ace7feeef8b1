"""One operation's story in order of time: moves, messages, download requests, reports, alerts."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from fumo.dm.codec import decode
from fumo.dm.message import name_of
from fumo.dm.render import render
from fumo.errors import DecodeError
from fumo.server.edges.views import Fetch, Transfer, Views
from fumo.server.operation import meaning_of
from fumo.server.rows import AlertRow, Logged, Note, Operation

ORDER = {
    "message-in": 0,
    "alert": 1,
    "alert-bad": 1,
    "move": 2,
    "note": 2,
    "incident": 2,
    "message-out": 3,
}
"""What happened in the same moment is told as cause and effect."""
ELSEWHERE = {"nginx": "sent by nginx", "store": "led to the store"}


class Entry(Struct, frozen=True):
    """One thing that happened. `lines` may be opened; `state` and `words` make a move."""

    at_s: float
    kind: str
    title: str
    lines: list[str] = []
    media_type: str = ""
    state: str = ""
    words: str = ""

    @property
    def clock(self) -> str:
        """The time of day, with milliseconds."""
        return datetime.fromtimestamp(self.at_s, UTC).strftime("%H:%M:%S.%f")[:-3]

    @property
    def day(self) -> str:
        """The date."""
        return datetime.fromtimestamp(self.at_s, UTC).strftime("%Y-%m-%d")


def timeline(views: Views, operation_id: int) -> list[Entry]:
    """All that is known of an operation."""
    entries = [
        *_ordered(views.operation(operation_id)),
        *(_note(note) for note in views.notes(operation_id)),
        *(message_entry(message) for message in views.messages(operation_id)),
        *(_alert(alert) for alert in views.alerts(operation_id)),
        *_fetched(views.fetches(operation_id)),
        *(_reported(transfer) for transfer in views.transfers(operation_id)),
    ]
    return sorted(entries, key=lambda entry: (entry.at_s, ORDER.get(entry.kind, 1)))


def _ordered(operation: Operation | None) -> Iterator[Entry]:
    """What an operator's order made of many devices stands in the operation alone."""
    if operation is not None and operation.retry_of is None:
        words = f"{operation.kind} is ordered"
        yield Entry(operation.created_at_s, "move", f"held: {words}", state="held", words=words)


def _note(note: Note) -> Entry:
    if note.state is None:
        return Entry(note.at_s, "incident" if note.incident else "note", note.text)
    state = note.state.value
    words = note.text.removeprefix(f"{state}: ")
    return Entry(note.at_s, "move", f"{state}: {words}", state=state, words=words)


def message_entry(message: Logged) -> Entry:
    """A DM message, in a few words and in full."""
    who = "Device" if message.inbound else "Server"
    title = f"{who}: message {message.msg_id} of session {message.session_id}"
    form = "WBXML" if message.media_type.endswith("wbxml") else "XML"
    kind = "message-in" if message.inbound else "message-out"
    names, lines = _read(message)
    said = f"{title}, {names}" if names else title
    return Entry(message.at_s, kind, said, lines, f"{form}, {len(message.body)} bytes")


def _read(message: Logged) -> tuple[str, list[str]]:
    """What a message says in a few words, and in full."""
    try:
        read = decode(message.body, message.media_type)
    except DecodeError as fault:
        return "", [f"cannot be read: {fault}"]
    names = dict.fromkeys(name_of(command) for command in read.commands)
    words = [name for name in names if name != "Status"] or list(names)
    return " and ".join(words), render(read)


def alert_words(data: str) -> str:
    """What the code of an alert means; empty where it is none."""
    code = data.strip()
    return meaning_of(int(code)) if code.isascii() and code.isdigit() and len(code) < 5 else ""


def _alert(alert: AlertRow) -> Entry:
    code = alert.data.strip()
    words = f" {alert_words(code)}".rstrip()
    lines = [f"type {alert.type}", f"source {alert.source or '(none)'}", f"mark {alert.mark}"]
    lines.append(f"correlator {alert.correlator or '(none)'}")
    kind = "alert" if code.startswith(("1", "2")) else "alert-bad"
    return Entry(alert.at_s, kind, f"Alert {code}{words}: {alert.match}", lines)


def _fetched(fetches: list[Fetch]) -> Iterator[Entry]:
    for fetch in fetches:
        title = f"Download request: {fetch.method} {fetch.range}, answered {fetch.status}"
        yield Entry(fetch.at_s, "fetch", f"{title}, {_gone(fetch)}")


def _gone(fetch: Fetch) -> str:
    """How many bytes went nobody tells the depot where another one sends them."""
    return ELSEWHERE.get(fetch.via, f"{fetch.bytes:,} bytes sent")


def _reported(transfer: Transfer) -> Entry:
    title = f"Transfer reported: {transfer.code} {transfer.meaning}"
    return Entry(transfer.at_s, "report", title)
