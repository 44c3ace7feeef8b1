"""`fumo notify` and a sleeping `fumo-device`: two real processes and a datagram between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from fumo.cli.group import fumo
from tests.device.test_process import heard, start
from tests.server.process import Process

SECRETS = ("--user", "u1", "--password", "p1", "--server-password", "s1")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "server")
    yield process
    process.stop()


def run(server: Process, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(fumo, [*words, "--data", str(server.data)])
    return done.exit_code, done.output


@pytest.mark.clause("C-NOT", "S-NOT")
def test_a_server_wakes_a_sleeping_device(server: Process, tmp_path: Path):
    run(server, "devices", "add", "IMEI:1", *SECRETS)
    where = ["--state", str(tmp_path / "state"), "--slots", str(tmp_path / "slots")]
    account = [
        "--server",
        server.dm_url,
        "--id",
        "IMEI:1",
        *SECRETS,
        "--poll",
        "900",
        "--log",
        "text",
    ]
    with start(["run", *account, *where, "--push", "127.0.0.1:0"]) as device:
        to = f"127.0.0.1:{heard(device, 'Listens')['port']}"
        heard(device, "Idle")
        assert run(server, "notify", "IMEI:1", "--to", to) == (
            0,
            "IMEI:1 was asked for session 1\n",
        )
        assert heard(device, "Notified") == {"session": "1"}
        assert heard(device, "SessionBegins") == {"session": "1"}
        assert heard(device, "SessionEnds")["reason"] == "done"
        device.terminate()
        if device.stderr:
            device.stderr.read()


def test_what_cannot_be_notified_is_said_in_one_line(server: Process):
    run(server, "devices", "add", "IMEI:1", *SECRETS)
    for words, why in (
        (("IMEI:1", "--to", "127.0.0.1:9"), "come once by itself"),
        (("nobody", "--to", "127.0.0.1:9"), "no device"),
        (("IMEI:1", "--to", "a/b"), "no host and port"),
        (("IMEI:1", "--to", "127.0.0.1:9", "--ui", "x"), "no way"),
    ):
        code, said = run(server, "notify", *words)
        assert (code, why in said, said.count("\n")) == (1, True, 1), said


def test_a_way_that_is_not_known_is_said_too(server: Process, tmp_path: Path):
    run(server, "devices", "add", "IMEI:1", *SECRETS)
    where = ["--state", str(tmp_path / "state"), "--slots", str(tmp_path / "slots")]
    account = ["--server", server.dm_url, "--id", "IMEI:1", *SECRETS]
    with start(["run", *account, *where, "--once"]) as device:
        if device.stderr:
            device.stderr.read()
    code, said = run(server, "notify", "IMEI:1", "--to", "no-such-host.invalid")
    assert (code, "nothing could be sent" in said) == (1, True), said
