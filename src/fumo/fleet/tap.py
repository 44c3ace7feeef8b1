"""The tap on the DM line: reads each message that passes, and records orders and results.

It changes nothing. Bytes it cannot read pass all the same, and leave no record.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import Struct

from fumo.codes import AlertCode
from fumo.dm.alerts import told
from fumo.dm.codec import decode
from fumo.dm.message import Alert, Atomic, Command, Exec, Message, Replace, Sequence, Status
from fumo.errors import DecodeError
from fumo.fleet.evidence import Ordered, Recorder, Told


class Order(Struct, frozen=True):
    """Whose package an address is, and the how-manieth order of that device it belongs to."""

    device: str
    number: int


class Tap:
    """Remembers which package address was told to which device."""

    def __init__(self, recorder: Recorder) -> None:
        """What is seen goes to `recorder`."""
        self._recorder = recorder
        self._told_path: dict[str, str] = {}
        self._orders: dict[str, Order] = {}

    def order_of(self, path: str) -> Order | None:
        """The order that a package request belongs to; None for an address nobody was told."""
        return self._orders.get(path)

    def leaving(self, at_ns: int, reply: Message | None) -> None:
        """A reply is about to go to its device: note package addresses and Execs."""
        for command in _flat(reply.commands) if reply else ():
            if isinstance(command, Replace):
                self._note_addresses(command, _device_of(reply))
            elif isinstance(command, Exec):
                device = _device_of(reply)
                path = self._told_path.get(device, "")
                self._recorder.add(Ordered(at_ns, device, command.correlator or "", path))

    def heard(
        self, at_ns: int, message: Message | None, reply: Message | None, delivered: bool
    ) -> None:
        """A device's message, and its answer: note the results it told."""
        for alert in results_in(message):
            status = status_of(alert, message, reply)
            for item in told(alert):
                self._recorder.add(
                    Told(
                        at_ns=at_ns,
                        device=message.header.source.uri if message else "",
                        correlator=item.correlator or "",
                        type=item.type,
                        source=item.source,
                        mark=item.mark,
                        result=item.number if item.number is not None else -1,
                        status=status,
                        delivered=delivered,
                    )
                )

    def _note_addresses(self, command: Replace, device: str) -> None:
        for item in command.items:
            if item.target and item.target.uri.endswith("/PkgURL") and isinstance(item.data, str):
                path = urlsplit(item.data).path
                self._told_path[device] = path
                number = 1 + sum(order.device == device for order in self._orders.values())
                self._orders.setdefault(path, Order(device, number))


def read(body: bytes, media_type: str) -> Message | None:
    """The message, or None for bytes that are none."""
    try:
        return decode(body, media_type)
    except DecodeError:
        return None


def results_in(message: Message | None) -> list[Alert]:
    """The Generic Alerts of a message."""
    commands = message.commands if message else ()
    return [c for c in commands if isinstance(c, Alert) and c.code == AlertCode.GENERIC]


def status_of(alert: Alert, message: Message | None, reply: Message | None) -> int | None:
    """What the reply says to an alert of the message."""
    for command in reply.commands if message and reply else ():
        if (
            isinstance(command, Status)
            and message
            and (command.msg_ref, command.cmd_ref) == (message.header.msg_id, alert.cmd_id)
        ):
            return command.code
    return None


def _device_of(reply: Message | None) -> str:
    return reply.header.target.uri if reply else ""


def _flat(commands: tuple[Command, ...]) -> Iterator[Command]:
    for command in commands:
        if isinstance(command, Atomic | Sequence):
            yield from _flat(command.commands)
        else:
            yield command
