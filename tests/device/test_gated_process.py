"""Gates of the real program: a file of settings, a word in a file, a command that asks a person."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fumo.codes import Kind
from fumo.device.asking import Request, question, word_of
from fumo.device.compose import UNASKED
from fumo.device.edges.consent import ThreadConsent
from fumo.device.edges.user import Terminal
from fumo.device.main import Machine
from fumo.device.main.gating import ASKER, Askers, circumstances_of
from fumo.device.settings import GatesSection
from fumo.testing.machine import Listened
from fumo.testing.world import package
from fumo.update.conditions import Network
from fumo.update.tally import Stage, Word
from tests.device.test_process import Served, settings_of, start, words
from tests.device.test_user import Person

GATES = """
[gates]
ask = "command"
ask_command = ["{folder}/ask"]
network_file = "{folder}/network"
[gates.download]
network = "unmetered"
deadline_s = 60
[gates.install]
consent = true
"""


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        server.files["/p"] = package(b"a new image", "2", model="fumo-device")
        server.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{server.url}/p")
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def line(served: Served, tmp_path: Path) -> list[str]:
    """A device that waits for a network that costs nothing, and asks a program."""
    config = tmp_path / "device.toml"
    config.write_text(GATES.format(folder=tmp_path))
    (tmp_path / "network").write_text("metered\n")
    return words(f"{served.url}/dm", tmp_path, "--once", "--config", str(config))


def answers(folder: Path, code: int) -> None:
    script = folder / "ask"
    script.write_text(f'#!/bin/sh\necho "$@" >> {folder}/asked\nexit {code}\n')
    script.chmod(0o700)


@pytest.mark.parametrize(("code", "result"), [(0, 200), (1, 401)])
def test_t13_it_waits_for_the_network_also_killed_and_then_asks(
    served: Served, tmp_path: Path, line: list[str], code: int, result: int
):
    answers(tmp_path, code)
    for _ in range(2):
        process = start(line)
        assert process.stderr is not None
        shut = next(one for one in process.stderr if "GateShut" in one)
        assert "stage=download gate=network" in shut
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert served.fetched == []
    (tmp_path / "network").write_text("unmetered\n")
    process = start(line)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told
    assert [alert.number for alert in served.dm.heard] == [result]
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 1
    assert asked[0].startswith("install ./FwUpdate/Primary A firmware update is on the device.")


def test_a_gate_that_makes_no_sense_is_exit_code_2(tmp_path: Path, line: list[str]):
    (tmp_path / "device.toml").write_text('[gates.install]\nwindows = ["now"]\n')
    process = start(line)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "gates.install.windows[0]: a window is like" in told


def test_whoever_builds_a_machine_can_wait_for_no_network(served: Served, tmp_path: Path):
    log = Listened()
    settings = settings_of(words(f"{served.url}/dm", tmp_path))
    assert Machine(settings, once=True, log=log).run() == 0
    assert log.of("GateShut") == []


def test_words_of_the_makers_are_looked_for_where_the_settings_say(tmp_path: Path):
    (tmp_path / "network").write_text("wifi")
    sets = [f"gates.network_file={tmp_path}/network", "gates.in_use_command=/bin/echo,busy"]
    more = [word for one in sets for word in ("--set", one)]
    seen = circumstances_of(settings_of(words("http://127.0.0.1/dm", tmp_path, *more))).look()
    assert (seen.network, seen.in_use) == (Network.UNMETERED, True)


def test_a_person_at_the_terminal_is_asked_by_the_device_and_not_by_the_server():
    person = Person()
    person.user = Terminal(lambda: False, person.terminal, person.terminal, asker=ASKER)
    asked = Request(1, Stage.INSTALL, "./FwUpdate/Primary", tuple(Word))
    try:
        reply = person.is_asked(question(asked), b"1\n")
    finally:
        os.close(person.end)
        os.close(person.terminal)
    assert word_of(asked, reply) is Word.YES
    assert person.seen.startswith("This device asks: A firmware update is on the device.")


@pytest.mark.parametrize("ask", ["terminal", "command"])
def test_each_way_to_ask_is_there(ask):
    askers = Askers(lambda: True, lambda: None)
    assert askers.consent(GatesSection()) is UNASKED
    assert isinstance(askers.consent(GatesSection(ask=ask, ask_command=("x",))), ThreadConsent)
