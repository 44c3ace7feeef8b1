"""All that a device can be told, as values: one Struct for each section of its file. Pure.

`fumo.device.reading` makes `Settings` out of a file, the environment and a command line; what one
value must be is said here by its type, what several must be together by `flaws`.
Promise: no secret is shown by a repr.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from fumo.device.bundles import Rauc, Swupdate
from fumo.device.installer import Installer
from fumo.dm.auth import BASIC, MAC, MD5
from fumo.dm.session import LIMITS

Scheme: TypeAlias = Literal["md5", "basic", "mac"]
SCHEMES: dict[Scheme, str] = {"md5": MD5, "basic": BASIC, "mac": MAC}
DAY_S = 24 * 3600.0
MSG_SIZE_MIN = 1024  # less would hold hardly a header
MSG_SIZE_MAX = 1024 * 1024

Seconds: TypeAlias = Annotated[float, Meta(gt=0, lt=1e9)]
SecondsOrNone: TypeAlias = Annotated[float, Meta(ge=0, lt=1e9)]
Fraction: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Count: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]
Octets: TypeAlias = Annotated[int, Meta(ge=1, le=2**62)]
OctetsOrNone: TypeAlias = Annotated[int, Meta(ge=0, le=2**62)]
Percent: TypeAlias = Annotated[int, Meta(ge=0, le=100)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]
Secret: TypeAlias = Annotated[str, Meta(extra={"secret": True})]
"""Never shown: not by `config show`, not in an error, not in a log."""


class DeviceSection(Struct, frozen=True):
    """`[device]`: what this device is, where its memory is kept, and how it starts anew.

    Without a `reboot` command the end of an agent's life stands for it, and the next one begins.
    """

    id: str = ""
    man: Name = "Fumo"
    model: Name = "fumo-device"
    hardware: str = ""
    state: str = ""
    reboot: tuple[str, ...] = ()


class ServerSection(Struct, frozen=True):
    """`[server]`: its account. Without a `url` the account is the one that a bootstrap gave.

    `user` and `user_password` prove the device, `name` (empty: the `id`) and `password` the server.
    """

    url: str = ""
    id: Name = "fumo"
    name: str = ""
    password: Secret = ""
    user: str = ""
    user_password: Secret = ""
    scheme: Scheme = "md5"
    wbxml: bool = False

    def __repr__(self) -> str:
        return f"ServerSection(url={self.url!r}, id={self.id!r}, user={self.user!r}, ***)"


class TlsSection(Struct, frozen=True):
    """`[tls]`: files in PEM. Without `roots` a server is believed by the system's."""

    roots: str = ""
    certificate: str = ""
    key: str = ""


class SessionSection(Struct, frozen=True):
    """`[session]`: when sessions are held, and how much one message may hold.

    `poll_s` is meant more or less by the part `jitter` of it, and the first session comes at a
    random moment within `first_s`. `backoff_s` is the first pause after a session in vain; any two
    are `gap_s` apart (or `poll_s`, if that is less). `requests`: a device at rest asks for an
    update each time. `push` is HOST or HOST:PORT, `pipe` a named pipe that brings pushes as well.
    """

    poll_s: Seconds = 60.0
    jitter: Fraction = 0.1
    first_s: SecondsOrNone = 0.0
    gap_s: SecondsOrNone = 1.0
    backoff_s: Seconds = 2.0
    requests: bool = False
    push: str = ""
    pipe: str = ""
    push_gap_s: Seconds = 10.0
    resync: bool = False
    ask: Literal["none", "terminal"] = "none"
    msg_size_max: Annotated[int, Meta(ge=MSG_SIZE_MIN, le=MSG_SIZE_MAX)] = LIMITS.msg_size_max
    obj_size_max: Octets = LIMITS.obj_size_max


class ObjectSection(Struct, frozen=True):
    """`[[object]]`: one FUMO object, and the update agent that works for it.

    `slots` is for `ab_file`; the other agents have a table of their own name.
    """

    name: Name = "Primary"
    agent: Literal["ab_file", "rauc", "swupdate", "command"] = "ab_file"
    slots: str = ""
    command: Installer = Installer()
    rauc: Rauc = Rauc()
    swupdate: Swupdate = Swupdate()


class DownloadSection(Struct, frozen=True):
    """`[download]`: `backoff_s` is the first pause after an attempt that failed.

    `rate_bytes_s` 0: as fast as it comes. A download that brings less than 1,000 bytes/s while
    `stall_s` are spent reading fails. `hosts` may be asked though they are the device itself,
    or local to its link; the account's own server may, too. `types` are what a descriptor may lead
    to; none: anything. `plain_packages`: a file without Fumo's manifest is a package too (a
    foreign server's).
    """

    attempts: Count = 8
    backoff_s: Seconds = 2.0
    rate_bytes_s: OctetsOrNone = 0
    stall_s: Seconds = 60.0
    hosts: tuple[Name, ...] = ()
    types: tuple[Name, ...] = ()
    package_bytes_max: Octets = 4 * 1024**3
    plain_packages: bool = False


class TrustSection(Struct, frozen=True):
    """`[trust]`: who vouches for packages: a TUF repository, by the extra `fumo[tuf]`.

    `metadata_url` is where its metadata lies, `root` a file with the root metadata that the device
    was born with. Without them a package is held against its own manifest alone.
    """

    metadata_url: str = ""
    root: str = ""


class WriteGateSection(Struct, frozen=True):
    """`[gates.write]`: between the bytes of an update nobody is asked, and nothing is put off.

    `battery` in percent is met on mains, too. `idle`: not while the device is in use (a call, say).
    """

    battery: Percent = 0
    mains: bool = False
    idle: bool = False
    deadline_s: SecondsOrNone = DAY_S


class GateSection(Struct, frozen=True):
    """`[gates.download]`, `[gates.install]` and `[gates.reboot]`: what must be so first.

    `windows` are like "Mon-Fri 02:00-05:00". A person who must consent may say later `deferrals`
    times, each time for `defer_s`. All of it waits no longer than `deadline_s`.
    """

    battery: Percent = 0
    mains: bool = False
    network: Literal["any", "online", "unmetered"] = "any"
    free_bytes: OctetsOrNone = 0
    windows: tuple[str, ...] = ()
    idle: bool = False
    consent: bool = False
    deferrals: Annotated[int, Meta(ge=0, le=1000)] = 3
    defer_s: Seconds = 3600.0
    deadline_s: SecondsOrNone = 7 * DAY_S


class GatesSection(Struct, frozen=True):
    """`[gates]`: what must be so before an operation goes on, and who can tell.

    `ask` is who is asked to consent; `ui_alert_agrees`: who said yes to a server's question before
    its order is not asked once more. `network` and `in_use` are files that hold one word, or
    commands that print one.
    """

    ask: Literal["none", "terminal", "command"] = "none"
    ask_command: tuple[str, ...] = ()
    ui_alert_agrees: bool = False
    network_file: str = ""
    network_command: tuple[str, ...] = ()
    in_use_file: str = ""
    in_use_command: tuple[str, ...] = ()
    download: GateSection = GateSection()
    install: GateSection = GateSection()
    write: WriteGateSection = WriteGateSection()
    reboot: GateSection = GateSection()


class HealthSection(Struct, frozen=True):
    """`[health]`: what a new image must show before it is good.

    `command` is a program that exits with 0 when it is well. `session`: within `timeout_s` of its
    start it must have been answered by its server.
    """

    command: tuple[str, ...] = ()
    session: bool = True
    timeout_s: Seconds = 600.0


class ControlSection(Struct, frozen=True):
    """`[control]`: where `fumo-device status` and its like find the agent; empty: nowhere."""

    socket: str = ""


class LogSection(Struct, frozen=True):
    """`[log]`: `auto` is text on a terminal, JSON otherwise."""

    format: Literal["auto", "text", "json"] = "auto"


class Settings(Struct, frozen=True):
    """Everything."""

    device: DeviceSection = DeviceSection()
    server: ServerSection = ServerSection()
    tls: TlsSection = TlsSection()
    session: SessionSection = SessionSection()
    object: tuple[ObjectSection, ...] = (ObjectSection(),)
    download: DownloadSection = DownloadSection()
    trust: TrustSection = TrustSection()
    gates: GatesSection = GatesSection()
    health: HealthSection = HealthSection()
    control: ControlSection = ControlSection()
    log: LogSection = LogSection()


def scheme_word(scheme: str) -> Scheme:
    """How a setting names the scheme of an account."""
    return next(word for word, known in SCHEMES.items() if known == scheme)
