"""RAUC's service over D-Bus: asked, waited for, believed in what it says and nothing more.

Needs the extra `dbus`; loaded only where RAUC is configured. Every question has its own
connection, since the service and the bus may be started anew at any time.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    HeaderFields,
    MatchRule,
    MessageType,
    Properties,
    new_method_call,
)
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

from fumo.device.edges.rauc_words import RaucAway, RaucBusy, RaucRefused, Slot

NAME = "de.pengutronix.rauc"
INSTALLER = "de.pengutronix.rauc.Installer"
ADDRESS = DBusAddress("/", bus_name=NAME, interface=INSTALLER)
BUS = "org.freedesktop.DBus"
BUS_ERRORS = "org.freedesktop.DBus.Error."
BUSY = "already processing"
AGAIN_S = 0.5
ANSWER_S = 60.0  # the first call may start the service

T = TypeVar("T")


class RaucBus:
    """Everything that is asked of RAUC."""

    def __init__(self, bus: str, patience_s: float, install_s: float) -> None:
        """Being away is borne for `patience_s`, being busy for `install_s`."""
        self._bus = {"system": "SYSTEM", "session": "SESSION"}.get(bus, bus)
        self._patience_s, self._install_s = patience_s, install_s

    def slots(self) -> dict[str, Slot]:
        """By name."""
        [told] = self._asked("GetSlotStatus")
        return {name: _slot(name, values) for name, values in told}

    def primary(self) -> str:
        """The slot that the boot loader starts next."""
        return str(self._asked("GetPrimary")[0])

    def compatible(self) -> str:
        """What this machine is."""
        return str(self._patiently(lambda connection: self._property(connection, "Compatible")))

    def info(self, bundle: str) -> tuple[str, str]:
        """(compatible, version) of a bundle whose signature is good. RaucRefused: it is not."""
        compatible, version = self._asked("Info", "s", (bundle,))
        return compatible, version

    def mark(self, state: str, slot: str) -> None:
        """`good`, `bad`, or `active`: the next one to start."""
        self._asked("Mark", "ss", (state, slot))

    def install(self, bundle: str) -> None:
        """Write it into the slots that do not run. RaucRefused: why not; RaucAway: RAUC ended."""
        self._patiently(lambda connection: self._install(connection, bundle))

    def _install(self, connection: Any, bundle: str) -> None:
        ended = MatchRule(type="signal", sender=NAME, interface=INSTALLER, member="Completed")
        owner = MatchRule(type="signal", sender=BUS, interface=BUS, member="NameOwnerChanged")
        owner.add_arg_condition(0, NAME)
        for rule in (ended, owner):
            _body(connection, message_bus.AddMatch(rule))
        ended = MatchRule(type="signal", interface=INSTALLER, member="Completed")
        news: deque[Any] = deque()
        with connection.filter(ended, queue=news), connection.filter(owner, queue=news):
            _body(connection, _call("InstallBundle", "sa{sv}", (bundle, {})))
            code = self._completed(connection, news)
        if code != 0:
            raise RaucRefused(str(self._property(connection, "LastError")) or f"code {code}")

    def _completed(self, connection: Any, news: "deque[Any]") -> int:
        """RAUC's result. It began already, so whatever ends the waiting now is no reason to ask
        for another install at once."""
        until_s = time.monotonic() + self._install_s
        while True:
            left_s = max(0.0, until_s - time.monotonic())
            try:
                body = connection.recv_until_filtered(news, timeout=left_s).body
            except OSError as error:
                raise RaucRefused(f"it installs, but nobody hears of it: {error}") from error
            if len(body) == 1:
                return int(body[0])
            if not body[2]:
                raise RaucRefused("the service of RAUC ended while it installed")

    def _property(self, connection: Any, name: str) -> object:
        [(_, value)] = _body(connection, Properties(ADDRESS).get(name))
        return value

    def _asked(self, method: str, signature: str = "", body: tuple[Any, ...] = ()) -> Any:
        return self._patiently(lambda connection: _body(connection, _call(method, signature, body)))

    def _patiently(self, ask: Callable[[Any], T]) -> T:
        """Ask until there is an answer, or patience ends."""
        began_s = time.monotonic()
        while True:
            waited_s = time.monotonic() - began_s
            try:
                with self._connection() as connection:
                    return ask(connection)
            except RaucBusy:
                if waited_s >= self._install_s:
                    raise
            except RaucAway:
                if waited_s >= self._patience_s:
                    raise
            time.sleep(AGAIN_S)

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        try:
            with open_dbus_connection(self._bus) as connection:
                yield connection
        except (OSError, KeyError, StopIteration) as error:
            raise RaucAway(f"{self._bus}: {type(error).__name__}: {error}") from error


def _call(method: str, signature: str, body: tuple[Any, ...]) -> Any:
    return new_method_call(ADDRESS, method, signature or None, body)


def _body(connection: Any, message: Any) -> Any:
    """What the answer holds; an error is raised as whoever sent it."""
    reply = connection.send_and_get_reply(message, timeout=ANSWER_S)
    if reply.header.message_type is not MessageType.error:
        return reply.body
    name = str(reply.header.fields.get(HeaderFields.error_name, ""))
    text = str(reply.body[0]) if reply.body else name
    if name.startswith(BUS_ERRORS):
        raise RaucAway(text)
    raise RaucBusy(text) if BUSY in text.lower() else RaucRefused(text)


def _slot(name: str, values: dict[str, tuple[str, Any]]) -> Slot:
    known = {key: value for key, (_, value) in values.items()}
    return Slot(
        name=name,
        kind=str(known.get("class", "")),
        type=str(known.get("type", "")),
        device=str(known.get("device", "")),
        bootname=str(known.get("bootname", "")),
        parent=str(known.get("parent", "")),
        booted=known.get("state") == "booted",
        bootable=known.get("boot-status") == "good",
        status=str(known.get("status", "")),
        version=str(known.get("bundle.version", "")),
        sha256=str(known.get("sha256", "")),
        size=int(known.get("size", 0)),
        installs=int(known.get("installed.count", 0)),
    )
