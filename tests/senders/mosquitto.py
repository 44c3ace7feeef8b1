"""Mosquitto, as Debian has it: a broker that lets in one user, and somebody who listens there."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from tests.senders.smsc import free_port

START_S = 10.0
USER, PASSWORD = "fumo", "secret"


class Broker:
    """One of our own: only it knows this user and password."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        passwords = folder / "passwords"
        words = ["mosquitto_passwd", "-b", "-c", str(passwords), USER, PASSWORD]
        subprocess.run(words, check=True, capture_output=True)
        passwords.chmod(0o644)
        folder.chmod(0o755)
        (folder / "conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
        )
        self.start()

    def start(self) -> None:
        """Started, and somebody was let in."""
        words = ["mosquitto", "-c", str(self._folder / "conf")]
        self._running = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.came: list[tuple[str, bytes]] = []
        self._listener = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._listener.username_pw_set(USER, PASSWORD)
        self._listener.on_message = lambda _, __, m: self.came.append((m.topic, m.payload))
        end_s = time.monotonic() + START_S
        while True:
            try:
                self._listener.connect("127.0.0.1", self.port)
                break
            except OSError:
                assert time.monotonic() < end_s, "mosquitto does not start"
                time.sleep(0.02)
        self._listener.subscribe("devices/#", qos=1)
        self._listener.loop_start()
        time.sleep(0.1)

    def message(self) -> tuple[str, bytes]:
        """The newest, once one is there."""
        end_s = time.monotonic() + START_S
        while not self.came:
            assert time.monotonic() < end_s, "no message came"
            time.sleep(0.01)
        return self.came.pop()

    def stop(self) -> None:
        """Gone."""
        self._listener.loop_stop()
        self._running.terminate()
        self._running.wait(10)


@contextmanager
def broker() -> Iterator[Broker]:
    """Started, and gone afterwards; a test without mosquitto is skipped."""
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    folder = Path(tempfile.mkdtemp(prefix="fumo-mqtt-"))
    running = Broker(folder)
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)
