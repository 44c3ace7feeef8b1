"""The whole server as a process: orders over its socket, pages with a cookie, signals, restarts."""

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from fumo.cli.group import fumo
from fumo.package.manifest import Manifest, build
from tests.server.device import Device
from tests.server.process import Process

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A server that knows nobody."""
    process = Process(tmp_path_factory.mktemp("served") / "d")
    yield process
    process.stop()


def run(server: Process, *words: str) -> str:
    """What a command prints."""
    done = CliRunner().invoke(fumo, [*words, "--data", str(server.data)])
    assert done.exit_code == 0, done.output
    return done.stdout


def fails(server: Process, *words: str) -> tuple[int, str]:
    """How a command fails."""
    done = CliRunner().invoke(fumo, [*words, "--data", str(server.data)])
    return done.exit_code, done.stderr


@pytest.fixture(scope="module")
def done(server: Process, tmp_path_factory: pytest.TempPathFactory) -> Device:
    """Three devices by the command line: one has its result, one failed, one never came."""
    file = tmp_path_factory.mktemp("fw") / "fw.bin"
    file.write_bytes(b"new firmware" * 1000)
    for name in ("IMEI:1", "IMEI:2", f"evil {EVIL}"):
        words = ("--user", "u1", "--password", "p1", "--server-password", "s1")
        assert run(server, "devices", "add", name, *words) == f"device {name} added\n"
    run(server, "package", "add", str(file), "--name", "fw", "--version", "2", "--raw")
    said = run(
        server,
        *("campaign", "create", "--package", "fw", "--name", f"Spring {EVIL}"),
        *("--device", "IMEI:1", "IMEI:2", "--device", f"evil {EVIL}"),
        *("--operation", "downloadandupdate"),
    )
    assert said == "campaign 1: 3 operations planned\n"
    first, second = Device("IMEI:1"), Device("IMEI:2")
    for device, result, state in ((first, 200, "90"), (second, 503, "20")):
        device.talk(server.post)
        device.finishes(result, state)
        device.talk(server.post)
    return first


def listed(server: Process) -> dict[str, dict[str, object]]:
    told = json.loads(run(server, "operations", "list", "-o", "json"))
    return {str(one["device"]): one for one in told}


# --- the command line -----------------------------------------------------------------------------


def test_operations_tell_everything_as_json(server: Process, done: Device):
    told = listed(server)
    assert sorted(str(o["state"]) for o in told.values()) == ["failed", "planned", "succeeded"]
    first = told["IMEI:1"]
    assert first["result"] == 200
    assert first["alerts"] == {"final": 1}
    assert first["correlator"] == done.execs[0].correlator
    assert told["IMEI:2"]["meaning"] == "Download fails: network issues"


def test_a_package_is_fetched_by_its_operations_own_address(server: Process, done: Device):
    url = urlsplit(str(done.tree["./FwUpdate/x/DownloadAndUpdate/PkgURL"]))
    assert url.hostname
    link = http.client.HTTPConnection(url.hostname, url.port)
    link.request("GET", url.path)
    answer = link.getresponse()
    assert (answer.status, answer.read()) == (200, b"new firmware" * 1000)
    forged = url.path[:-1] + ("0" if url.path[-1] != "0" else "1")
    link.request("GET", forged)
    assert link.getresponse().status == 404
    for _ in range(40):
        if listed(server)["IMEI:1"]["fetches"]:
            break
        time.sleep(0.1)
    assert listed(server)["IMEI:1"]["fetches"] == 1
    assert "Download request: GET" in run(server, "operations", "show", "1")


def test_tables_are_for_people(server: Process, done: Device):
    assert "IMEI:1" in run(server, "devices", "list")
    assert "503 Download fails: network issues" in run(server, "operations", "list")
    assert "1 failed, 1 planned, 1 succeeded" in run(server, "campaign", "status", "1")
    assert "fw" in run(server, "package", "list")
    story = run(server, "operations", "show", "1")
    assert "Exec" in story
    assert "succeeded: result 200" in story


def test_a_retry_is_an_order_of_its_own(server: Process, done: Device):
    assert run(server, "campaign", "retry", "1") == "campaign 1: 1 operation planned anew\n"
    assert "already" in run(server, "campaign", "retry", "1")
    told = json.loads(run(server, "campaign", "status", "1", "-o", "json"))
    assert told["states"] == {"failed": 1, "planned": 2, "succeeded": 1}
    assert (told["total"], told["retried"]) == (4, 1)
    assert "(1 retried)" in run(server, "campaign", "status", "1")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("campaign", "retry", "99"), 1, "no campaign 99"),
        (("campaign", "status", "99"), 1, "no campaign 99"),
        (("operations", "show", "99"), 1, "no operation 99"),
        (("campaign", "create", "--package", "x", "--device", "IMEI:1", "--operation", "update"),
         1, "fumo package add"),
        (("campaign", "create", "--package", "fw", "--device", "no", "--operation", "update"),
         1, "fumo devices add"),
        (("campaign", "create", "--package", "fw", "--device", "no", "--operation", "x"),
         2, "downloadandupdate"),
        (("devices", "add", "IMEI:1", "--user", "u", "--password", "p", "--server-password", "s"),
         1, "there already"),
        (("package", "add", "/nowhere", "--name", "n", "--version", "1"), 2, "does not exist"),
        (("package", "add", __file__, "--name", "n", "--version", "1"), 1, "--raw"),
    ],
)  # fmt: skip
def test_an_error_says_what_and_the_next_step(
    server: Process, done: Device, words: tuple[str, ...], code: int, says: str
):
    assert fails(server, *words)[0] == code
    assert says in fails(server, *words)[1]


def test_a_package_that_was_cut_or_patched_is_not_added(
    server: Process, done: Device, tmp_path: Path
):
    image = b"image" * 1000
    manifest = Manifest("lamp", "3", len(image), sha256(image).hexdigest())
    whole = b"".join(build(manifest, [image]))
    file = tmp_path / "new.fumo"
    words = ("package", "add", str(file), "--name", "broken", "--version", "3")
    for spoilt in (whole[:-1], whole[:-1] + b"x"):
        file.write_bytes(spoilt)
        code, said = fails(server, *words)
        assert (code, said.count("\n")) == (1, 1)
        assert "--raw" in said
    assert "broken" not in run(server, "package", "list")
    file.write_bytes(whole)
    assert "broken 3" in run(server, *words)


def test_without_a_server_the_next_step_is_said(tmp_path: Path):
    done = CliRunner().invoke(fumo, ["devices", "list", "--data", str(tmp_path)])
    assert done.exit_code == 3
    assert "fumo serve" in done.stderr


# --- the pages ------------------------------------------------------------------------------------


def fetch(server: Process, path: str, cookie: str = "") -> http.client.HTTPResponse:
    link = http.client.HTTPConnection(*server.address, timeout=20)
    link.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    return link.getresponse()


@pytest.fixture(scope="module")
def cookie(server: Process, done: Device) -> str:
    """What the printed link gives a browser."""
    answer = fetch(server, urlsplit(server.page_link).path)
    assert answer.status == 200
    given = answer.getheader("Set-Cookie") or ""
    assert "HttpOnly" in given
    assert "SameSite=strict" in given
    return given.partition(";")[0]


@pytest.mark.parametrize("path", ["/", "/campaigns/1", "/operations/1", "/events"])
def test_without_the_link_nothing_is_seen(server: Process, done: Device, path: str):
    answer = fetch(server, path)
    assert answer.status == 403
    assert b"IMEI" not in answer.read()
    assert fetch(server, path, "fumo=9999999999.ab").status == 403


def test_the_link_lets_one_browser_in_once(server: Process, cookie: str):
    path = urlsplit(server.page_link).path
    assert fetch(server, "/", cookie).status == 200
    assert fetch(server, path).status == 403
    again = urlsplit(run(server, "serve", "--link").strip())
    assert (fetch(server, again.path).getheader("Set-Cookie") or "").startswith("fumo=")


@pytest.mark.parametrize(
    ("path", "told"),
    [("/", ["IMEI:1", "succeeded", "Spring"]),
     ("/campaigns/1", ["503", "Download fails: network issues"]),
     ("/operations/1", ["Exec", "Correlator", "Alert 200 Successful: final", "message 1"])],
)  # fmt: skip
def test_a20_pages_tell_escaped_and_without_anything_from_elsewhere(
    server: Process, cookie: str, path: str, told: list[str]
):
    answer = fetch(server, path, cookie)
    page = answer.read().decode()
    assert answer.status == 200
    assert all(words in page for words in told)
    assert EVIL not in page
    policy = answer.getheader("Content-Security-Policy") or ""
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    sources = re.findall(r'(?:src|href|action)="([^"]+)"', page)
    assert sources
    assert all(source[0] in "/#" and not source.startswith("//") for source in sources)
    assert " style=" not in page
    for source in (s for s in sources if s.startswith("/static/")):
        assert fetch(server, source).status == 200


@pytest.mark.parametrize("path", ["/campaigns/99", "/operations/99", "/nothing", "/static/x"])
def test_what_is_not_there_is_404(server: Process, cookie: str, path: str):
    assert fetch(server, path, cookie).status == 404


def test_news_come_without_asking(server: Process, cookie: str):
    answer = fetch(server, "/events", cookie)
    assert answer.getheader("Content-Type", "").startswith("text/event-stream")
    Device("IMEI:1", sessions=70).talk(server.post)
    seen = b""
    while b"event: news" not in seen:
        seen += answer.readline()
    answer.close()


# --- beginnings and ends --------------------------------------------------------------------------


def serve_anew(server: Process, **more: str) -> tuple[int, str]:
    """Another server, which cannot start."""
    words = {"data": str(server.data), "listen": "127.0.0.1:0", **more}
    line = [sys.executable, "-c", "import fumo.cli; fumo.cli.main()", "serve"]
    line += [part for name, value in words.items() for part in (f"--{name}", value)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stderr


def test_a_port_in_use_is_one_clear_line(server: Process, tmp_path: Path):
    depot = {"depot-listen": "127.0.0.1:0"}  # the next port may be anybody's
    code, said = serve_anew(server, data=str(tmp_path / "e"), listen=server.listen, **depot)
    assert code == 1
    assert said.count("\n") == 1
    assert server.listen in said
    assert "in use" in said


def test_a_folder_has_one_server(server: Process):
    code, said = serve_anew(server)
    assert (code, said.count("\n")) == (1, 1)
    assert "another server works in" in said


def becomes(listening: bool, url: str) -> bool:
    """Does somebody listen there, or nobody any more, within ten seconds?"""
    parts = urlsplit(url)
    assert parts.hostname
    for _ in range(100):
        with socket.socket() as line:
            if (line.connect_ex((parts.hostname, parts.port or 80)) == 0) is listening:
                return True
        time.sleep(0.1)
    return False


def closed(url: str) -> bool:
    return becomes(False, url)


def test_a_signal_ends_both_and_a_kill_loses_nothing(tmp_path: Path):
    process = Process(tmp_path / "d")
    words = ("--user", "u1", "--password", "p1", "--server-password", "s1")
    run(process, "devices", "add", "IMEI:1", *words)
    device = Device()
    device.talk(process.post)
    process.link.close()
    process.kill()
    assert closed(process.depot_url), "a depot without its server would hold the port"
    again = Process(tmp_path / "d", process.listen, urlsplit(process.depot_url).netloc)
    assert device.talk(again.post) == 1, "the nonces of both sides are still there"
    assert again.stop() == (0, "")
    assert closed(again.dm_url)
    assert closed(again.depot_url)
    assert not (tmp_path / "d" / "admin.sock").exists()


def test_a_dead_depot_is_replaced_and_the_server_goes_on(tmp_path: Path):
    process = Process(tmp_path / "d")
    children = Path(f"/proc/{process.process.pid}/task/{process.process.pid}/children")
    depot = int(children.read_text().split()[0])
    subprocess.run(["kill", "-9", str(depot)], check=True)
    assert closed(process.depot_url)
    assert becomes(True, process.depot_url)
    assert becomes(True, process.dm_url)
    code, said = process.stop()
    assert code == 0
    assert said == "fumo serve: the depot ended with code -9: it is started again\n"
    assert closed(process.depot_url)
