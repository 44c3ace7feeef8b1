"""Behind a proxy: who came is what a known proxy says, and nobody else; links lead to the proxy."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.api import Api
from tests.server.process import FREE, Process

ELSEWHERE = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}


def begun(folder: Path, *more: str) -> Api:
    api = Api(Process(folder / "d", FREE, FREE, *more), more)
    api.introduce()
    return api


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server that knows a proxy on this machine."""
    known = ("--proxy-net", "127.0.0.0/8", "--public-url", "https://fumo.example/")
    api = begun(tmp_path_factory.mktemp("proxied"), *known)
    yield api
    api.process.stop()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server that knows none."""
    api = begun(tmp_path_factory.mktemp("bare"))
    yield api
    api.process.stop()


def place_told(api: Api, **headers: str) -> str:
    """Where an order of an admin came from, as the audit log has it."""
    assert api.role("admin", "PUT", "/quotas/devices", {"most": 7}, **headers)[0] == 200
    status, told = api.owner("GET", "/audit?limit=1")
    assert status == 200
    return str(told["items"][0]["place"])


def test_a_known_proxy_says_who_came(proxied: Api):
    assert place_told(proxied, **ELSEWHERE) == "198.51.100.7"
    assert place_told(proxied) == "127.0.0.1"


def test_a20_nobody_else_says_so(bare: Api):
    assert place_told(bare, **ELSEWHERE) == "127.0.0.1"


def test_what_a_client_wrote_before_the_proxy_did_is_not_believed(proxied: Api):
    said = {**ELSEWHERE, "X-Forwarded-For": "192.0.2.66, 198.51.100.7"}
    assert place_told(proxied, **said) == "198.51.100.7"


def test_links_lead_to_the_proxy_and_cookies_to_safe_connections_only(proxied: Api, bare: Api):
    status, told = proxied.owner("POST", "/links")
    assert status == 201
    assert told["url"].startswith("https://fumo.example/login/")
    assert proxied.process.page_link.startswith("https://fumo.example/login/")
    assert bare.process.page_link.startswith("http://127.0.0.1:")
    ticket = told["url"].rpartition("/")[2]
    asked = http.client.HTTPConnection(*proxied.process.address, timeout=20)
    asked.request("GET", f"/login/{ticket}")
    answer = asked.getresponse()
    assert answer.status == 200
    assert "Secure" in answer.headers["set-cookie"]
    asked.close()
