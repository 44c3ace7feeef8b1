"""What several settings must be together, and texts that must mean something. Pure.

`incoherent` names each flaw with the path of the setting that should change.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from fumo.device.gate_rules import gates_of
from fumo.device.installer import EXIT_LISTS, Installer
from fumo.device.settings import DeviceSection, ObjectSection, ServerSection, Settings
from fumo.dm.wsp import PUSH_PORT
from fumo.tree.acl import is_identity
from fumo.wire.address import parse
from fumo.wire.exchange import loopback

ACCOUNT = ("url", "user", "user_password", "password")
NEEDED = {
    "device.id": "is missing: the name that its server knows this device by",
    "device.state": "is missing: the folder of the journal and of what is downloaded",
}


def place(text: str) -> tuple[str, int]:
    """HOST, HOST:PORT, or [IPv6]:PORT. ValueError: it is none."""
    parts = urlsplit(f"//{text}")
    port = PUSH_PORT if parts.port is None else parts.port
    if not parts.hostname or parts.netloc != text or "@" in text:
        raise ValueError(f"{text!r} is no host and port")
    return parts.hostname, port


def incoherent(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every flaw: a path, and what is wrong there."""
    device = settings.device
    for path, text in NEEDED.items():
        if not getattr(device, path.rpartition(".")[2]).strip():
            yield path, text
    yield from _server(settings.server)
    if bool(settings.tls.certificate) is not bool(settings.tls.key):
        missing = "key" if settings.tls.certificate else "certificate"
        yield f"tls.{missing}", "is missing: a certificate needs its key, and a key its certificate"
    if settings.session.push and not _is_place(settings.session.push):
        yield "session.push", f"{settings.session.push!r} is no host and port"
    yield from _objects(settings)
    yield from _trust(settings)
    yield from gates_of(settings.gates).flaws
    yield from _consent(settings)


def _consent(settings: Settings) -> Iterator[tuple[str, str]]:
    """A stage that nobody could ever agree to would only wait for its deadline."""
    gates = settings.gates
    if gates.ask == "command" and not gates.ask_command:
        yield "gates.ask_command", "is missing: the command that asks"
    somebody = gates.ask != "none" or gates.ui_alert_agrees or settings.control.socket
    for name in ("download", "install", "reboot"):
        if getattr(gates, name).consent and not somebody:
            text = "nobody can be asked: set gates.ask, or control.socket"
            yield f"gates.{name}.consent", text


def _server(server: ServerSection) -> Iterator[tuple[str, str]]:
    named = [name for name in ACCOUNT if getattr(server, name)]
    if named and len(named) < len(ACCOUNT):
        missing = next(name for name in ACCOUNT if name not in named)
        words = ", ".join(f"server.{name}" for name in ACCOUNT)
        yield f"server.{missing}", f"is missing: an account needs {words}, or none of them"
    if not is_identity(server.id):
        yield "server.id", f"{server.id!r} cannot be named in a list of rights"
    if server.url:
        yield from _address(server)


def _address(server: ServerSection) -> Iterator[tuple[str, str]]:
    try:
        where = parse(server.url).place
    except ValueError:
        shown = "an address with a name in it" if "@" in server.url else repr(server.url)
        yield "server.url", f"{shown} is no http or https address"
        return
    if server.scheme == "basic" and not where.secure and not loopback(where.host):
        text = "basic shows the password to everybody on the way: use https, or md5"
        yield "server.scheme", text


def _objects(settings: Settings) -> Iterator[tuple[str, str]]:
    names = [section.name for section in settings.object]
    for number, section in enumerate(settings.object):
        at = f"object[{number}]"
        if section.agent == "ab_file" and not section.slots:
            yield f"{at}.slots", "is missing: the folder of the two firmware slots"
        if section.agent == "command":
            yield from _installer(f"{at}.command", section.command, settings.device)
        if section.agent in ("rauc", "swupdate"):
            yield from _bundles(at, section, settings.device)
        if names.count(section.name) > 1:
            yield f"{at}.name", f"{section.name!r} is the name of another object, too"
        if not section.name.isprintable() or set(section.name) & set("/?\\"):
            yield f"{at}.name", f"{section.name!r} is no name of a node"


def _trust(settings: Settings) -> Iterator[tuple[str, str]]:
    trust = settings.trust
    if bool(trust.metadata_url) is not bool(trust.root):
        missing = "root" if trust.metadata_url else "metadata_url"
        yield f"trust.{missing}", "is missing: signed metadata needs its address and a first root"
    if trust.metadata_url and settings.download.plain_packages:
        text = "packages are signed where there is a [trust]: take one of the two"
        yield "download.plain_packages", text


def _installer(at: str, told: Installer, device: DeviceSection) -> Iterator[tuple[str, str]]:
    if not told.install:
        yield f"{at}.install", "is missing: the program that installs"
    if not (told.version or told.version_file):
        yield f"{at}.version_file", "is missing: a file, or with `version` a program, tells it"
    if told.reboot and not device.reboot:
        yield "device.reboot", f"is missing: {at}.reboot says that an install needs it"
    seen: dict[int, str] = {}
    for name in EXIT_LISTS:
        for code in getattr(told, name):
            if (other := seen.setdefault(code, name)) != name:
                yield f"{at}.{name}", f"{code} means {other} already"


def _bundles(at: str, section: ObjectSection, device: DeviceSection) -> Iterator[tuple[str, str]]:
    if not device.reboot:
        yield "device.reboot", f"is missing: what {section.agent} wrote runs after a start only"
    copies = section.swupdate.copies if section.agent == "swupdate" else {}
    for name, copy in copies.items():
        if copy.select.count(",") != 1:
            yield f"{at}.swupdate.{name}.select", 'must be SWUpdate\'s choice, like "stable,copy-a"'
        if not copy.device:
            yield f"{at}.swupdate.{name}.device", "is missing: where the slot can be read back"


def _is_place(text: str) -> bool:
    try:
        place(text)
    except ValueError:
        return False
    return True
