"""An agent and its ports, out of settings: the one place that knows which edge fits which setting.

`Equipment` is what outlives an agent: folders, slots, certificates, the clock. Whatever an agent
knows beyond it is on disk.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fumo.device.agent import Agent
from fumo.device.compose import NOBODY, SILENCE, Parts, Ports, compose
from fumo.device.control import NO_CONTROLS, Controls
from fumo.device.edges.aside import ThreadAside
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.journal_opening import open_journal
from fumo.device.edges.machine import SystemDice, named
from fumo.device.edges.news_clock import NewsClock
from fumo.device.edges.patching import Patching
from fumo.device.gate_rules import gates_of
from fumo.device.health import HealthRule
from fumo.device.main.downloads import downloader_of
from fumo.device.main.firmware import FIRMWARE, Firmware, checked
from fumo.device.main.gating import Askers, circumstances_of
from fumo.device.main.trusting import trust_of
from fumo.device.ports import Log, Pushes, UpdateAgent
from fumo.device.settings import SCHEMES, SessionSection, Settings
from fumo.device.setup import Rhythm, Setup
from fumo.device.vouching import Vouched, voucher
from fumo.dm.auth import Account, Login
from fumo.dm.message import WBXML, XML
from fumo.dm.session import Limits
from fumo.tree.objects import Description
from fumo.update.operation import Policy
from fumo.wire.client import Link
from fumo.wire.tls import Certificate, device_side, package_side

UNKNOWN_VERSION = "unknown"


class Equipment:
    """What outlives an agent of this machine."""

    def __init__(
        self, settings: Settings, log: Log, clock: NewsClock, stopping: Callable[[], bool]
    ) -> None:
        """OSError: a folder or a file cannot be used."""
        self.clock, self.log = clock, log
        self.controls: Controls = NO_CONTROLS
        self.pushes: Pushes = SILENCE
        self._settings, self._dice = settings, SystemDice()
        askers = Askers(stopping, self.clock.wake)
        self._user = askers.user() if settings.session.ask == "terminal" else NOBODY
        self._circumstances = circumstances_of(settings)
        self._consent = askers.consent(settings.gates)
        self._tls = tls_of(settings)
        roots = settings.tls.roots
        self._package_tls = package_side(Path(roots)) if roots else None
        Path(settings.device.state).mkdir(parents=True, exist_ok=True)
        self._trust = trust_of(settings, log, self._package_tls)
        self._firmware = {
            section.name: FIRMWARE[section.agent](settings, section, self._dice)
            for section in settings.object
        }

    def starts(self) -> None:
        """The machine starts, with what chooses its images."""
        for name, firmware in self._firmware.items():
            others = {} if len(self._firmware) == 1 else {"object": name}
            self.log("Starts", **others, **firmware.starts())

    @contextmanager
    def agent(self) -> Iterator[Agent]:
        """An agent from disk alone; nothing of it goes on afterwards."""
        settings = self._settings
        with ExitStack() as stack:
            journal = open_journal(Path(settings.device.state) / "journal.db", self.log)
            journal = stack.enter_context(journal)
            journal.belongs_to(settings.device.id)
            objects = {
                name: self._parts(name, firmware, stack)
                for name, firmware in self._firmware.items()
            }
            ports = Ports(
                journal=journal,
                link=Link(tls=self._tls),
                objects=objects,
                clock=self.clock,
                dice=self._dice,
                log=self.log,
                pushes=self.pushes,
                user=self._user,
                circumstances=self._circumstances,
                consent=self._consent,
                controls=self.controls,
            )
            first = next(iter(objects.values())).update_agent
            yield compose(setup_of(settings, self._version_of(first)), ports)

    def _version_of(self, agent: UpdateAgent) -> str:
        """A device that cannot tell what runs on it still tells its results, and is mended."""
        try:
            return agent.running_version()
        except OSError as error:
            self.log("VersionUnknown", error=str(error))
            return UNKNOWN_VERSION

    def _parts(self, name: str, firmware: Firmware, stack: ExitStack) -> Parts:
        """What works for one object in one life; no two objects share a folder."""
        packages = DiskFolder(packages_of(self._settings.device.state, name))
        inner = checked(firmware.agent(packages, self.log), self._settings, self.log)
        agent = Vouched(inner, self._trust)
        vouch, patcher = voucher(self._trust, agent.device), Patching(firmware.base, self.log)
        downloader = downloader_of(self._settings, packages, self._package_tls, vouch, patcher)
        return Parts(downloader, agent, stack.enter_context(ThreadAside(self.clock)))


def packages_of(state: str, name: str) -> Path:
    """Where an object's package is kept; each has a folder of its own."""
    return Path(state) / ("packages" if name == "Primary" else f"packages-{name}")


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """What connections are made with, if it is anything special. OSError: a file is none."""
    files = settings.tls
    if not (files.roots or files.certificate):
        return None
    own = Certificate(Path(files.certificate), Path(files.key)) if files.certificate else None
    with named(f"tls: {' '.join(filter(None, (files.roots, files.certificate, files.key)))}"):
        return device_side(Path(files.roots) if files.roots else None, own)


def rhythm_of(session: SessionSection) -> Rhythm:
    """When sessions are held."""
    return Rhythm(
        poll_s=session.poll_s,
        resend_base_s=session.backoff_s,
        notice_gap_s=session.push_gap_s,
        jitter=session.jitter,
        first_s=session.first_s,
        gap_s=session.gap_s,
        requests=session.requests,
    )


def setup_of(settings: Settings, version: str) -> Setup:
    """The settings in the agent's own words; `version` is that of the first object's firmware."""
    device, server, session = settings.device, settings.server, settings.session
    own = Login(server.user, server.user_password)
    peer = Login(server.name or server.id, server.password)
    scheme = SCHEMES[server.scheme]
    description = Description(
        device_id=device.id,
        man=device.man,
        mod=device.model,
        oem=device.man,
        fw_v=version,
        server_id=server.id,
        server_url=server.url,
        user=server.user,
        scheme=scheme,
    )
    download = settings.download
    return Setup(
        account=Account(own, peer, scheme),
        server_url=server.url,
        description=description,
        media_type=WBXML if server.wbxml else XML,
        objects=tuple(section.name for section in settings.object),
        policy=Policy(download_attempts_max=download.attempts, backoff_base_s=download.backoff_s),
        rhythm=rhythm_of(session),
        gates=gates_of(settings.gates).gates,
        ui_alert_agrees=settings.gates.ui_alert_agrees,
        health=HealthRule(settings.health.session, settings.health.timeout_s),
        resync=session.resync,
        takes=Limits(session.msg_size_max, session.obj_size_max),
    )
