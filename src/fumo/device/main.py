"""The device program: a machine that starts, lives as an agent, and starts again.

    lock the state folder → [ environment chooses the slot → build from disk → live ] → exit code

A reboot, on a machine that is no device, is the end of one turn of this loop: nothing is carried
over in memory. An agent that fails (a full disk, a bug) is a reboot, too.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from fumo.device.agent import Agent, Ending
from fumo.device.compose import NOBODY, SILENCE, Ports, compose
from fumo.device.edges.ab_file import AbFile, install_factory
from fumo.device.edges.aside import NewsClock, ThreadAside
from fumo.device.edges.boot_env import COPIES, BootEnv
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.downloader import HttpDownloader
from fumo.device.edges.http_source import open_body
from fumo.device.edges.journal import JournalUnusable, SqliteJournal
from fumo.device.edges.machine import StderrLog, SystemDice, alone
from fumo.device.edges.push_listener import PushListener
from fumo.device.edges.user import Terminal
from fumo.device.ports import Accounts, Aside, Log, Pushes
from fumo.device.setup import Rhythm, Setup
from fumo.dm.auth import MD5, Account, Login
from fumo.dm.message import WBXML, XML
from fumo.dm.session import LIMITS, Limits
from fumo.tree.objects import Description
from fumo.update.operation import Policy
from fumo.wire.client import Link
from fumo.wire.tls import Certificate, device_side, package_side

FACTORY_VERSION = "0"
CRASH_PAUSE_S = 1.0
CRASH_PAUSE_MAX_S = 60.0
CRASHES_MAX = 5  # in a run of `once`
EXIT_CODES = {Ending.DONE: 0, Ending.STOPPED: 0, Ending.UNDELIVERED: 1}


class Config(Struct, frozen=True):
    """What the command line says. `attempts` counts downloads; `backoff_s` is their first pause.

    `asks`: there is a person at the terminal, who answers what servers ask.
    Without a `server_url` the account is the one that a bootstrap gave. `server_name` is empty
    where the server proves itself by its `server_id`. `push` is where notifications are listened
    for; `resync` and `push_gap_s` are as in `Setup`, and the two sizes as in `Limits`. `roots`,
    `certificate` and `key` are files for TLS: whom to believe, and what proves the device there.
    """

    server_url: str
    device_id: str
    user: str
    password: str
    server_password: str
    state: str
    slots: str
    server_id: str = "fumo"
    server_name: str = ""
    wbxml: bool = False
    scheme: str = MD5
    raw_packages: bool = False
    attempts: int = 8
    backoff_s: float = 2.0
    poll_s: float = 60.0
    once: bool = False
    man: str = "Fumo"
    model: str = "fumo-device"
    push: tuple[str, int] | None = None
    push_gap_s: float = 10.0
    resync: bool = False
    msg_size_max: int = LIMITS.msg_size_max
    obj_size_max: int = LIMITS.obj_size_max
    asks: bool = False
    roots: str = ""
    certificate: str = ""
    key: str = ""


class Machine:
    """One device on this machine: what outlives a reboot of it, and nothing more."""

    def __init__(self, config: Config, log: Log | None = None) -> None:
        """Gives an empty slots folder its factory image."""
        self.clock = NewsClock()
        self._config = config
        self._log = log or StderrLog(config.device_id)
        self._dice = SystemDice()
        self._slots = DiskFolder(config.slots)
        self._stopping = False
        self._pushes: Pushes = SILENCE
        self._tls = tls_of(config)
        self._package_tls = package_side(Path(config.roots)) if config.roots else None
        Path(config.state).mkdir(parents=True, exist_ok=True)
        if not any(self._slots.exists(name) for name in COPIES):
            install_factory(self._slots, [b"factory image\n"], FACTORY_VERSION)

    def stop(self) -> None:
        """End the life that runs, from a signal or another thread."""
        self._stopping = True
        self.clock.wake()

    def run(self) -> int:
        """Start and start again until there is an exit code. Pushes are heard all the while."""
        if self._config.push is None:
            return self._lives()
        host, port = self._config.push
        with PushListener(host, port, self.clock.wake) as self._pushes:
            self._log("Listens", host=host, port=self._pushes.port)
            return self._lives()

    def _lives(self) -> int:
        pause_s, crashes = CRASH_PAUSE_S, 0
        while True:
            try:
                ending = self.live()
            except JournalUnusable:
                raise
            except Exception as error:  # whatever it was, the disk knows what is owed
                self._log("AgentFailed", error=f"{type(error).__name__}: {error}")
                crashes += 1
                if self._stopping or (self._config.once and crashes >= CRASHES_MAX):
                    return 1
                self.clock.sleep(pause_s)
                pause_s = min(pause_s * 2, CRASH_PAUSE_MAX_S)
                continue
            if ending is not Ending.REBOOT or self._stopping:
                return EXIT_CODES.get(ending, 0)

    def live(self) -> Ending:
        """One start of the machine: the environment, not the agent, chooses the slot."""
        env = BootEnv(self._slots).boot()
        self._log("Starts", slot=env.running, version=env.images[env.running].version)
        with (
            SqliteJournal(Path(self._config.state) / "journal.db") as journal,
            ThreadAside(self.clock) as aside,
        ):
            journal.belongs_to(self._config.device_id)
            return self.build(journal, aside).run(self._config.once, lambda: self._stopping)

    def build(self, journal: SqliteJournal, aside: Aside) -> Agent:
        """An agent from disk alone."""
        config = self._config
        packages = DiskFolder(Path(config.state) / "packages")
        agent = AbFile(self._slots, packages, config.model, self._dice, config.raw_packages)
        fetch = partial(open_body, tls=self._package_tls)
        ports = Ports(
            journal=journal,
            link=Link(tls=self._tls),
            downloader=HttpDownloader(packages, None, config.raw_packages, fetch),
            update_agent=agent,
            aside=aside,
            clock=self.clock,
            dice=self._dice,
            log=self._log,
            pushes=self._pushes,
            user=Terminal(lambda: self._stopping) if config.asks else NOBODY,
        )
        return compose(setup_of(config, agent.running_version()), ports)


def tls_of(config: Config) -> ssl.SSLContext | None:
    """What connections are made with, if it is anything special. OSError: a file is none."""
    if not (config.roots or config.certificate):
        return None
    own = Certificate(Path(config.certificate), Path(config.key)) if config.certificate else None
    return device_side(Path(config.roots) if config.roots else None, own)


def run(config: Config, started: Callable[[Machine], None] = lambda machine: None) -> int:
    """Be the device until it is done or told to stop; the exit code. OSError: it cannot start.

    `started` gets the machine before its first life, to stop it from elsewhere.
    """
    with alone(Path(config.state)), alone(Path(config.slots), "slots.lock"):
        machine = Machine(config)
        started(machine)
        return machine.run()


class NoAccount(OSError):
    """The device was told no account, and no bootstrap gave it one."""


def settled(config: Config) -> Config:
    """The config with the account of the journal, where it names none itself."""
    if config.server_url:
        return config
    with accounts(config.state) as journal:
        stored = journal.account()
    if stored is None:
        raise NoAccount(f"no account in {config.state}: name a server, or take a bootstrap first")
    return replace(
        config,
        server_url=stored.url,
        user=stored.own.name,
        password=stored.own.secret,
        server_id=stored.server_id,
        server_name=stored.server.name,
        server_password=stored.server.secret,
        scheme=stored.scheme,
    )


@contextmanager
def accounts(state: str) -> Iterator[Accounts]:
    """What a device knows of accounts, while no agent works there. OSError: one does."""
    with alone(Path(state)), SqliteJournal(Path(state) / "journal.db") as journal:
        yield journal


def setup_of(config: Config, version: str) -> Setup:
    """The config in the agent's own words."""
    own, peer = (
        Login(config.user, config.password),
        Login(config.server_name or config.server_id, config.server_password),
    )
    description = Description(
        device_id=config.device_id,
        man=config.man,
        mod=config.model,
        oem=config.man,
        fw_v=version,
        server_id=config.server_id,
        server_url=config.server_url,
        user=config.user,
        scheme=config.scheme,
    )
    policy = Policy(download_attempts_max=config.attempts, backoff_base_s=config.backoff_s)
    setup = Setup(Account(own, peer, config.scheme), config.server_url, description)
    return replace(
        setup,
        media_type=WBXML if config.wbxml else XML,
        policy=policy,
        rhythm=Rhythm(config.poll_s, config.backoff_s, config.push_gap_s),
        resync=config.resync,
        takes=Limits(config.msg_size_max, config.obj_size_max),
    )
