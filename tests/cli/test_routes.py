"""Nothing of the API is out of reach of the command line, and no command asks for what is not."""

import re
from pathlib import Path

import fumo.cli
from tests.server.test_rest import OPEN, ROUTES

METHODS = {
    "get": "GET", "rows": "GET", "lines": "GET", "post": "POST", "post_once": "POST",
    "post_in_time": "POST",
    "finish": "POST", "look": "GET", "send_part": "PATCH", "patch": "PATCH", "put": "PUT",
}  # fmt: skip
ASKS = re.compile(rf"\.({'|'.join(METHODS)})\(\s*f?\"(/[^\"]+)\"")
TOLD_BY_A_LISTING = {
    ("GET", "/operations/{}"), ("GET", "/quotas/{}"), ("GET", "/users/{}"),
    ("GET", "/webhooks/{}"), ("POST", "/contents"),
}  # fmt: skip
"""One of them alone is for programs; people see it in the list, or in its story. A content in one
request is for programs, too: a command goes on where a line was cut."""


def any_name(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def asked() -> set[tuple[str, str]]:
    sources = Path(fumo.cli.__file__).parent.rglob("*.py")
    found = [hit for source in sources for hit in ASKS.findall(source.read_text())]
    return {(METHODS[method], any_name(path)) for method, path in found}


def fits(route: tuple[str, str], asking: tuple[str, str]) -> bool:
    """A word in braces stands for any word."""
    pattern = re.escape(asking[1]).replace(r"\{\}", r"(?:\{\}|[a-z]+)")
    return route[0] == asking[0] and re.fullmatch(pattern, route[1]) is not None


def test_every_route_is_reached_by_a_command_and_no_other():
    there = {(method, any_name(path)) for method, path in {*ROUTES, *OPEN}}
    unreached = {route for route in there if not any(fits(route, one) for one in asked())}
    assert unreached <= TOLD_BY_A_LISTING
    assert {one for one in asked() if not any(fits(route, one) for route in there)} == set()
