"""Deltas of a real server, as an operator wants them: told by the API, a command and a page."""

import json
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fumo.cli.admin import Admin
from fumo.cli.group import fumo
from fumo.depot.edges.folder import FolderStore
from tests.depot.test_deltas import NEW_PACKAGE, OLD, OLD_PACKAGE
from tests.server.browser import Browser
from tests.server.process import FREE, Process


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Two versions of a package, and a delta between them that an operator wanted."""
    process = Process(tmp_path_factory.mktemp("deltas") / "d", FREE, FREE)
    folder = tmp_path_factory.mktemp("packages")
    for version, content in (("1", OLD_PACKAGE), ("2", NEW_PACKAGE)):
        (folder / version).write_bytes(content)
        add = ["package", "add", str(folder / version), "--name", "fw", "--version", version]
        assert says(process, *add).exit_code == 0
    said = says(process, "package", "deltas", "2", "--base", "1")
    assert said.stdout == "delta 1 from package 1: waiting\n", said.output
    deadline_s = time.monotonic() + 30
    while told(process)["items"][0]["state"] == "waiting" and time.monotonic() < deadline_s:
        time.sleep(0.2)
    yield process
    process.stop()


def says(server: Process, *words: str) -> Result:
    return CliRunner().invoke(fumo, [*words, "--data", str(server.data)])


def told(server: Process) -> dict[str, object]:
    return Admin(server.data).get("/packages/2/deltas")


def test_the_api_tells_what_it_cost_and_what_is_to_be_signed(server: Process):
    answer = told(server)
    [delta] = answer["items"]
    assert (delta["state"], delta["reason"]) == ("made", "")
    assert 0 < delta["length"] < 2000
    assert delta["seconds"] > 0
    [route] = answer["listing"]
    assert route["url"] == f"deltas/{delta['sha256']}"
    assert (route["base_sha256"], route["base_length"]) == (sha256(OLD).hexdigest(), len(OLD))


def test_a_command_tells_the_same(server: Process):
    said = says(server, "package", "deltas", "2")
    assert "zstd" in said.stdout
    assert " %" in said.stdout
    assert json.loads(says(server, "package", "deltas", "2", "-o", "json").stdout) == told(server)
    assert says(server, "package", "deltas", "1").stdout == "no delta yet\n"
    assert says(server, "package", "deltas", "9").exit_code == 1


def test_a_page_tells_the_same(server: Process):
    browser = Browser(server).follows_link()
    assert browser.get("/packages") == 200
    assert 'href="/packages/2"' in browser.page
    assert browser.get("/packages/2") == 200
    assert f"{told(server)['items'][0]['length']:,}" in browser.page
    assert browser.get("/packages/9") == 404


def test_it_lies_in_the_depot(server: Process):
    digest = told(server)["items"][0]["sha256"]
    found = FolderStore(Path(server.data) / "depot").find(digest)
    assert found is not None
