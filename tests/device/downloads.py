"""A download as the agent drives it: happenings go through `step`, attempts are counted."""

import hashlib
from functools import partial

from fumo.codes import Kind
from fumo.device.edges.downloader import HttpDownloader
from fumo.device.edges.guard import Guard
from fumo.device.edges.http_source import open_body
from fumo.device.edges.pace import Limits
from fumo.package.manifest import Manifest, build
from fumo.testing.disk import MemoryFiles
from fumo.update import Policy, Target, duty, records, step
from fumo.update.duty import Download
from fumo.update.folding import fold
from fumo.update.happening import ExecAccepted, Failed, Happening, Progressed, Verified, Woke
from fumo.update.operation import Held, Order

QUICK = Limits(io_timeout_s=5.0)
NEAR = Guard(["127.0.0.1", "localhost"])
"""Lets tests ask servers of their own."""


def package(image: bytes, **changes) -> bytes:
    said = {"model": "lamp", "version": "2", "length": len(image)}
    said |= {"sha256": hashlib.sha256(image).hexdigest()}
    return b"".join(build(Manifest(**(said | changes)), [image]))


class Fetch:
    """One Download order, its files, and everything that happened."""

    def __init__(
        self, url: str | None, files=None, limits: Limits = QUICK, raw: bool = False, **ports
    ):
        """`ports` are the downloader's others, by name."""
        self.ports = {"open_body": partial(open_body, guard=NEAR)} | ports
        self.files = files if files is not None else MemoryFiles()
        self.limits, self.raw = limits, raw
        self.policy = Policy(backoff_base_s=0.0)
        self.saved = []
        self.target = Target()
        self.boots = 0
        self.happened: list[Happening] = []
        self.start()
        self.happen(ExecAccepted(Order(1, "s", "o", Kind.DOWNLOAD, "c", "1", 1, 1, url)))

    def start(self) -> None:
        """The agent starts with nothing but its disk and its records."""
        self.boots += 1
        self.downloader = HttpDownloader(self.files, self.limits, self.raw, **self.ports)
        self.target = fold(self.saved)
        self.happen(Woke(self.boots, 0.0))

    def happen(self, happening: Happening) -> None:
        before, self.target = self.target, step(self.target, happening, self.policy)
        self.saved.extend(records(before, self.target))

    def once(self) -> Happening:
        """Do the download that is owed, once."""
        owed = duty(self.target, 0.0, self.boots)
        assert isinstance(owed, Download), owed
        if owed.permit is not None:
            self.happen(owed.permit)
        happening = self.downloader.fetch(owed.order, self.target)
        self.happened.append(happening)
        self.happen(happening)
        return happening

    def run(self) -> Happening:
        """Until it is verified or has failed for good."""
        while isinstance(duty(self.target, 0.0, self.boots), Download):
            self.once()
        return self.happened[-1]

    @property
    def held(self) -> Held:
        assert isinstance(self.happened[-1], Verified), self.happened
        return self.happened[-1].held

    @property
    def causes(self) -> list[str]:
        return [one.failure.cause for one in self.happened if isinstance(one, Failed)]

    @property
    def checkpoints(self) -> list[int | None]:
        told = [one.checkpoint for one in self.happened if isinstance(one, Progressed)]
        return [one.length if one else None for one in told]

    def content(self) -> bytes:
        return self.files.read("package", 0, 1 << 30)
