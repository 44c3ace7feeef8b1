"""An S3 of our own: SeaweedFS on free ports, proven to be ours, and stopped again."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from fumo.depot.edges.s3 import S3Store
from fumo.depot.places import Bucket, S3Settings

START_S = 60.0
BUCKET = "fumo"
PARTS = ("master", "volume", "filer", "s3")


class Seaweed:
    """One running server; each `bucket` of it is empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = dict(zip(PARTS, _free_ports(2 * len(PARTS)), strict=False))
        self.key, self.secret = secrets.token_hex(8), secrets.token_hex(16)
        self.number = 0
        self.process = self._started()
        try:
            self._insist()
        except BaseException:
            self.stop()
            raise

    @property
    def endpoint(self) -> str:
        """Where it is an S3."""
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def settings(self) -> S3Settings:
        """How it is reached."""
        return S3Settings(
            endpoint=self.endpoint, access_key_id=self.key, secret_access_key=self.secret
        )

    @property
    def environment(self) -> dict[str, str]:
        """The same, as other programs are told."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
        }

    def bucket(self) -> str:
        """The URL of a part of it that is empty."""
        self.number += 1
        return f"s3://{BUCKET}/depot-{self.number}"

    def stop(self) -> None:
        """Its files go with it, so there is nothing to wait for."""
        self.process.kill()
        self.process.wait(10)

    def _insist(self) -> None:
        end_s = time.monotonic() + START_S
        while not self._is_ours():
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < end_s, "SeaweedFS does not start"
            time.sleep(0.1)

    def _started(self) -> "subprocess.Popen[bytes]":
        who = {"accessKey": self.key, "secretKey": self.secret}
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        identity = {"name": "fumo", "credentials": [who], "actions": actions}
        config = self.folder / "s3.json"
        config.write_text(json.dumps({"identities": [identity]}))
        words = ["server", f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3",
                 f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0",
                 "-master.volumeSizeLimitMB=64", "-volume.max=50", "-volume.preStopSeconds=0",
                 ]  # fmt: skip
        for part, port in self.ports.items():
            words.append(f"-{part}.port={port}")
        for part, port in zip(PARTS, _free_ports(len(PARTS)), strict=True):
            words.append(f"-{part}.port.grpc={port}")
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([_program(), *words], stdout=log, stderr=log)

    def _is_ours(self) -> bool:
        """Does it take our keys, which nobody else knows?"""
        try:
            store = S3Store(Bucket(BUCKET), self.settings)
            store.put_plain("probe", self.key.encode())
            return store.plain("probe") == self.key.encode()
        except OSError:
            return False


@contextmanager
def seaweed() -> Iterator[Seaweed]:
    """Started, and gone afterwards; a test without SeaweedFS is skipped, but not by CI."""
    if _program() is None:
        assert not os.environ.get("CI"), "SeaweedFS is not installed"
        pytest.skip("SeaweedFS is not installed")
    folder = Path(tempfile.mkdtemp(prefix="fumo-s3-"))
    with ExitStack() as after:
        after.callback(shutil.rmtree, folder, ignore_errors=True)
        running = Seaweed(folder)
        after.callback(running.stop)
        yield running


def _program() -> str | None:
    beside = Path(sys.executable).parent / "weed"
    return str(beside) if beside.exists() else shutil.which("weed")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
