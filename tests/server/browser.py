"""A browser without a screen: cookies, forms, and nothing else."""

import http.client
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.server.process import Process

FORM = re.compile(r'name="form" value="([^"]*)"')


class Browser:
    """Keeps cookies, as browsers do; `page` is what it saw last."""

    def __init__(self, server: Process) -> None:
        self.server = server
        self.cookies: dict[str, str] = {}
        self.page = ""

    def get(self, path: str, **headers: str) -> int:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, Any], **headers: str) -> int:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(fields, doseq=True), {**kind, **headers})

    def send(self, path: str, **fields: Any) -> int:
        """With the token that the page before gave."""
        return self.post(path, {"form": self.token, **fields})

    @property
    def token(self) -> str:
        found = FORM.search(self.page)
        return found.group(1) if found else ""

    def follows_link(self, link: str = "") -> "Browser":
        assert self.get(urlsplit(link or self.server.page_link).path) == 200
        return self

    def signs_in(self, name: str, password: str, to: str = "/") -> int:
        self.get("/login")
        return self.send("/login", name=name, password=password, to=to)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> int:
        link = http.client.HTTPConnection(*self.server.address, timeout=20)
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        link.request(method, path, body, {**({"Cookie": kept} if kept else {}), **headers})
        answer = link.getresponse()
        self.page = unescape(answer.read().decode())
        self.where = answer.getheader("Location") or ""
        self.headers = answer.msg
        for given in answer.msg.get_all("Set-Cookie", []):
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        link.close()
        return answer.status
