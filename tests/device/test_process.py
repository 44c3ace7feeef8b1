"""The program `fumo-device`: a real process, real sockets, a journal and slots on a real disk."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fumo.cli.device import light_main, parser
from fumo.cli.device_settings import told as settings_told
from fumo.codes import Kind
from fumo.device.coherence import place
from fumo.device.edges.boot_env import COPIES, BootEnv
from fumo.device.edges.disk import DiskFolder
from fumo.device.main import Machine
from fumo.device.reading import SettingsError
from fumo.device.settings import Settings
from fumo.dm.message import Alert
from fumo.dm.notification import Trigger, build
from fumo.dm.wsp import NOTIFICATION, Push
from fumo.dm.wsp import build as push
from fumo.testing.machine import Listened
from fumo.testing.server import NAME, USER, ScriptedServer
from fumo.testing.world import package

IMAGE = b"a new image" * 10_000
SECRETS = ["--user", USER.name, "--password", USER.secret, "--server-password", NAME.secret]


class Served(ThreadingHTTPServer):
    """A scripted DM server, and packages, behind real HTTP."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.dm = ScriptedServer()
        self.files: dict[str, bytes] = {}
        self.fetched: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """POST is DM, GET is a package."""

    protocol_version = "HTTP/1.1"
    server: Served

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.server.dm.post(self.path, body, self.headers["Content-Type"])
        self._send(reply.body, reply.media_type)

    def do_GET(self) -> None:
        self.server.fetched.append(self.path)
        self._send(self.server.files[self.path], "application/octet-stream")

    def _send(self, body: bytes, media_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def words(server: str, folder: Path, *more: str) -> list[str]:
    """The command line of a device whose folders are in `folder`."""
    where = ["--state", str(folder / "state"), "--slots", str(folder / "slots")]
    fixed = ["--id", "IMEI:1", "--poll", "0.2", "--backoff", "0.05", "--log", "text", *SECRETS]
    return ["run", "--server", server, *fixed, *where, *more]


def settings_of(line: list[str]) -> Settings:
    """What a command line comes to."""
    return settings_told(parser().parse_args(line)).settings


def start(line: list[str], more: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """A process of its own; `more` variables are added to those of this one."""
    script = "import sys; from fumo.cli.device import light_main; sys.exit(light_main())"
    return subprocess.Popen(
        [sys.executable, "-c", script, *line],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | (more or {}),
    )


@pytest.mark.clause("C04b", "C08")
@pytest.mark.parametrize("form", ["--wbxml", "--once"])
def test_an_update_from_order_to_report(served: Served, tmp_path: Path, form: str):
    served.files["/p"] = package(IMAGE, "2", model="fumo-device")
    served.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{served.url}/p")
    process = start(words(f"{served.url}/dm", tmp_path, "--once", form))
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told
    assert [alert.number for alert in served.dm.heard] == [200]
    assert served.fetched == ["/p"]
    env = BootEnv(DiskFolder(tmp_path / "slots")).known()
    assert (env.running, env.good, env.images[env.good].version) == ("slot-b", "slot-b", "2")
    assert "Sealed operation=1 result=200" in told


def test_a_result_that_cannot_be_delivered_is_exit_code_1(served: Served, tmp_path: Path):
    served.dm.orders(Kind.DOWNLOAD, "http://127.0.0.1:1/nobody")
    served.dm.alert_codes.extend([500] * 50)
    line = words(f"{served.url}/dm", tmp_path, "--once", "--attempts", "2")
    process = start(line)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 1, told
    assert "GivesUp sessions=6 reason=" in told
    assert {alert.number for alert in served.dm.heard} == {412}
    served.dm.alert_codes.clear()
    assert start(line).wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("--password", "the peer refused our credentials"),
        ("--server-password", "did not prove itself"),
    ],
)
def test_wrong_credentials_are_said_so_in_the_end(
    served: Served, tmp_path: Path, wrong: str, why: str
):
    line = words(f"{served.url}/dm", tmp_path, "--once", "--backoff", "0.01", wrong, "guess")
    process = start(line)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, why in told.splitlines()[-1]) == (1, True), told


def test_a_device_stops_when_it_is_told_to(served: Served, tmp_path: Path):
    process = start(words(f"{served.url}/dm", tmp_path))
    assert process.stderr is not None
    for line in process.stderr:
        if "SessionEnds" in line:
            break
    process.terminate()
    assert process.wait(timeout=10) == 0
    process.stderr.close()


def heard(process: subprocess.Popen[str], event: str) -> dict[str, str]:
    """The values of the next line of this event."""
    assert process.stderr is not None
    line = next(line for line in process.stderr if f" {event}" in line)
    return dict(word.split("=", 1) for word in line.split() if "=" in word)


@pytest.mark.clause("C-NOT", "S-NOT", "N2-03")
def test_a_sleeping_process_is_woken_over_udp(served: Served, tmp_path: Path):
    served.dm.asks_state()
    line = words(f"{served.url}/dm", tmp_path, "--push", "127.0.0.1:0", "--poll", "900")
    with start(line) as process:
        port = int(heard(process, "Listens")["port"])
        heard(process, "Idle")
        body = build(Trigger(NAME.name, 0xBEEF), NAME, served.dm.saved.own or b"")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            datagram = push(Push(NOTIFICATION, {}, 7, body))
            for wrong_or_right in (b"noise", datagram[:-1] + b"x", datagram, datagram):
                sender.sendto(wrong_or_right, ("127.0.0.1", port))
        assert heard(process, "SessionBegins") == {"session": "BEEF"}
        heard(process, "SessionEnds")
        process.terminate()
        told = process.stderr.read() if process.stderr else ""
    assert process.returncode == 0
    assert "SessionBegins" not in told
    first = served.dm.received[-1].message
    assert next(c.code for c in first.commands if isinstance(c, Alert)) == 1200


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("127.0.0.1", ("127.0.0.1", 2948)),
        ("[::1]:5", ("::1", 5)),
        ("any.example:0", ("any.example", 0)),
    ],
)
def test_where_to_listen(tmp_path: Path, text: str, there: tuple[str, int]):
    line = words("http://127.0.0.1/dm", tmp_path, "--push", text)
    assert place(settings_of(line).session.push) == there


@pytest.mark.parametrize("text", [":1", "a/b", "u@h", "h:99999", "h:x"])
def test_nowhere_to_listen(tmp_path: Path, text: str):
    with pytest.raises(SettingsError, match=r"--push: session.push: .* is no host and port"):
        settings_of(words("http://127.0.0.1/dm", tmp_path, "--push", text))


def test_a_push_port_that_is_taken_is_exit_code_2(tmp_path: Path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        assert light_main(words("http://127.0.0.1:1/dm", tmp_path, "--push", where)) == 2


@pytest.mark.parametrize("other", [[], ["--state", "elsewhere"]])
def test_two_agents_never_share_a_state_or_slots(
    served: Served, tmp_path: Path, other: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    first = start(words(f"{served.url}/dm", tmp_path))
    assert first.stderr is not None
    first.stderr.readline()
    second = start(words(f"{served.url}/dm", tmp_path, *other))
    _, told = second.communicate(timeout=10)
    assert (second.returncode, "another agent works in" in told) == (2, True)
    first.kill()
    first.communicate()


@pytest.mark.parametrize(
    ("server", "auth", "trouble"),
    [
        ("http://192.0.2.1/dm", "basic", "shows the password"),
        ("http://127.0.0.1:8080/dm", "basic", None),
        ("https://dm.example/dm", "basic", None),
        ("http://192.0.2.1/dm", "md5", None),
        ("ftp://dm.example", "md5", "no http or https address"),
        ("http://", "md5", "no http or https address"),
    ],
)
def test_a8_basic_is_refused_where_others_can_read_it(
    tmp_path: Path, server: str, auth: str, trouble: str | None
):
    line = words(server, tmp_path, "--auth", auth)
    if trouble is None:
        assert settings_of(line).server.scheme == auth
        return
    with pytest.raises(SettingsError, match=trouble):
        settings_of(line)


def test_a_wrong_line_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert light_main(words("gopher://x", tmp_path)) == 2
    assert "gopher" in capsys.readouterr().err
    assert light_main(["run", "--attempts", "0"]) == 2
    assert "--attempts: download.attempts: must be a whole number" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        light_main(["run", "--atempts", "1"])
    assert ended.value.code == 2


def test_a_machine_in_this_process_lives_through_its_reboots(served: Served, tmp_path: Path):
    served.files["/p"] = package(IMAGE, "2", model="fumo-device")
    served.dm.orders(Kind.DOWNLOAD_AND_UPDATE, f"{served.url}/p")
    line = words(f"{served.url}/dm", tmp_path, "--once")
    log = Listened()
    assert Machine(settings_of(line), once=True, log=log).run() == 0
    assert [start["version"] for start in log.of("Starts")] == ["0", "2"]


def test_an_agent_that_fails_starts_again_until_it_is_stopped(tmp_path: Path):
    log = Listened()
    machine = Machine(settings_of(words("http://127.0.0.1:1/dm", tmp_path)), log=log)
    for copy in COPIES:
        (tmp_path / "slots" / copy).write_bytes(b"torn")
    machine.stop()
    assert machine.run() == 1
    assert "boot environment" in str(log.of("AgentFailed")[0]["error"])


def test_the_program_says_how_it_ended(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert light_main(words(f"{served.url}/dm", tmp_path, "--once")) == 0
    assert "SessionEnds session=1 reason=done" in capsys.readouterr().err
