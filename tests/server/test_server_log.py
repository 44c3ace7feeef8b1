"""A line of the server's log: bounded, one line whatever a peer wrote, and without a secret."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from fumo.cli.admin import Admin
from fumo.server.edges.logs import FAULT_MAX, TEXT_MAX, begin_log
from tests.server.process import Process

FREE = "127.0.0.1:0"
log = logging.getLogger("fumo.server")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Where the log is written; logging is as it was afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("fumo")
    before = root.handlers[:], root.level, ours.level
    yield io.StringIO()
    root.handlers[:], level, own = before
    root.setLevel(level)
    ours.setLevel(own)


def failed(words: str) -> None:
    try:
        raise ValueError(words)
    except ValueError:
        log.exception("a message of %r", "IMEI:1")


def test_json_is_one_object_a_line(lines: io.StringIO):
    begin_log("json", lines)
    log.info("said\nby a %s", "peer")
    failed("x" * 20_000 + "\nthe end")
    first, second = map(json.loads, lines.getvalue().splitlines())
    assert (first["level"], first["who"]) == ("info", "fumo.server")
    assert first["text"] == "said\\x0aby a peer"
    assert first["at"].endswith("Z")
    assert "fault" not in first
    assert second["fault"].endswith("the end")
    assert len(second["fault"]) <= FAULT_MAX


def test_a22_text_that_came_from_elsewhere_begins_no_line(lines: io.StringIO):
    begin_log("text", lines)
    log.warning("it said %s", "\x1b[2J\r\n2026-01-01 info fumo.server: all is well" + "y" * 5000)
    failed("one\n2026-01-01 info fumo.server: all is well")
    told = lines.getvalue().splitlines()
    assert [line for line in told if line.startswith("2026-01-01")] == []
    assert "\x1b" not in lines.getvalue()
    assert "it said \\x1b[2J\\x0d\\x0a2026-01-01" in told[0]
    assert len(told[0]) < TEXT_MAX + 100
    assert all(line.startswith("    ") for line in told[2:])


def test_without_a_form_only_what_went_wrong_is_said(lines: io.StringIO):
    begin_log(None, lines)
    log.info("nothing to see")
    log.warning("look")
    assert lines.getvalue().count("\n") == 1
    assert "warning fumo.server: look" in lines.getvalue()


def test_a22_a_server_logs_who_changed_what_and_no_secret(tmp_path: Path):
    server = Process(tmp_path / "d", FREE, FREE, "--log", "json")
    secrets = ["pass-word-1", "pass-word-2", "correct horse battery", "hidden-path"]
    admin = Admin(server.data)
    names = {"user": "u1", "password": secrets[0], "server_password": secrets[1]}
    admin.post("/devices", {"id": "IMEI:1", **names})
    admin.post("/users", {"name": "eve", "role": "viewer", "password": secrets[2]})
    secrets.append(admin.post_once("/tokens", {"user": "eve"})["token"])
    made = admin.post_once("/webhooks", {"url": f"https://hooks.invalid/{secrets[3]}"})
    secrets.append(made["secret"])
    code, said = server.stop()
    assert code == 0
    told = [json.loads(line) for line in said.splitlines()]
    assert {one["level"] for one in told} <= {"info", "warning"}
    texts = [one["text"] for one in told]
    assert "owner at socket: devices.add IMEI:1" in texts
    assert "owner at socket: webhooks.add hooks.invalid" in texts
    assert texts[-1] == "ended"
    assert [secret for secret in secrets if secret in said] == []
