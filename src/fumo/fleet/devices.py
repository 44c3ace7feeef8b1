"""The demo's devices: their folders, their processes, and their violent ends.

Each has its own state folder and slots with the old firmware. What happens to them is decided
outside; here it is carried out.
"""

import hashlib
from pathlib import Path

import msgspec

from fumo.device.edges.ab_file import install_factory
from fumo.device.edges.boot_env import BootEnv
from fumo.device.edges.disk import DiskFolder
from fumo.device.settings import (
    DeviceSection,
    DownloadSection,
    ObjectSection,
    ServerSection,
    SessionSection,
    Settings,
    TlsSection,
    scheme_word,
)
from fumo.fleet.cast import Actor
from fumo.fleet.evidence import Chosen, now_ns
from fumo.fleet.images import MODEL, Image
from fumo.fleet.processes import Processes

CROWD = "crowd"
POLL_S = 1.0
BACKOFF_S = 0.05
PROGRAM = "import sys; from fumo.cli.device import light_main; sys.exit(light_main())"
"""What `fumo-device` is, without having to find where it was installed."""

PIECE_BYTES = 1024 * 1024


class Devices:
    """All devices of one demo."""

    def __init__(
        self, folder: Path, cast: tuple[Actor, ...], processes: Processes, roots: str = ""
    ) -> None:
        """`folder` is theirs alone. `roots`: a file of those by which they believe a server."""
        self._roots = roots
        self._folder = folder
        self._cast = cast
        self._processes = processes

    def slots(self, actor: Actor) -> Path:
        """The folder of a device's slots."""
        return self._folder / actor.name / "slots"

    def install(self, image: Image) -> None:
        """Give every device its first firmware, as the factory does."""
        for actor in self._cast:
            slots = DiskFolder(_made(self.slots(actor)))
            install_factory(slots, [image.data], image.version)

    def start(self, server_url: str) -> None:
        """Bring all of them to life."""
        for actor in self._cast:
            if actor.alone:
                self.start_one(actor, server_url)
        crowd = [self._settings(actor, server_url) for actor in self._cast if not actor.alone]
        crowd_file = self._folder / "crowd.json"
        crowd_file.write_bytes(msgspec.json.encode(crowd))
        self._processes.python(CROWD, "-m", "fumo.fleet.crowd", str(crowd_file))

    def start_one(self, actor: Actor, server_url: str) -> None:
        """A device in a process of its own, by its real command line."""
        words = _command_line(self._settings(actor, server_url))
        self._processes.python(actor.name, "-c", PROGRAM, *words)

    def chosen(self, actor: Actor) -> Chosen:
        """What a device's environment is committed to, read from outside."""
        slots = self.slots(actor)
        env = BootEnv(DiskFolder(slots)).known()
        return Chosen(now_ns(), actor.name, env.good, _digest(slots / env.good))

    def flipped(self, actor: Actor) -> bool:
        """Does the environment point away from the slot that was good at first?"""
        env = BootEnv(DiskFolder(self.slots(actor))).known()
        return env.trial is not None or env.good_token is not None

    def _settings(self, actor: Actor, server_url: str) -> Settings:
        state = str(_made(self._folder / actor.name / "state"))
        return Settings(
            device=DeviceSection(id=actor.name, model=MODEL, state=state),
            server=ServerSection(
                url=server_url,
                user=actor.user,
                user_password=actor.password,
                password=actor.server_password,
                wbxml=actor.wbxml,
                scheme=scheme_word(actor.scheme),
            ),
            session=SessionSection(poll_s=POLL_S, backoff_s=BACKOFF_S),
            object=(ObjectSection(slots=str(self.slots(actor))),),
            download=DownloadSection(backoff_s=BACKOFF_S),
            tls=TlsSection(roots=self._roots),
        )


def _command_line(settings: Settings) -> list[str]:
    """The words of `fumo-device` for these settings, whatever this machine's own file says."""
    server, session = settings.server, settings.session
    words = {
        "--config": "",
        "--server": server.url,
        "--id": settings.device.id,
        "--user": server.user,
        "--password": server.user_password,
        "--server-password": server.password,
        "--state": settings.device.state,
        "--slots": settings.object[0].slots,
        "--backoff": str(session.backoff_s),
        "--poll": str(session.poll_s),
        "--model": settings.device.model,
        "--auth": server.scheme,
    }
    flags = ["--wbxml"] if server.wbxml else []
    flags += ["--ca", settings.tls.roots] if settings.tls.roots else []
    return ["run", *flags, *(word for pair in words.items() for word in pair)]


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _digest(path: Path) -> str:
    running = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            running.update(piece)
    return running.hexdigest()
