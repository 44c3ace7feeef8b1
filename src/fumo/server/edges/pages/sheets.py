"""One page of a listing of the API, and the way to the next."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response
from msgspec import Struct

from fumo.server.edges.pages.frame import Asked, Pages

ROWS = 50


class Sheet(Struct, frozen=True):
    """Rows as the API gave them; `fault` are its words when it gave none."""

    rows: list[Any]
    q: str
    fault: str
    next: str
    """The address of the page after it; empty: this is the last."""
    first: bool
    status: int
    start: str = ""
    """The address of the first one."""


async def sheet(pages: Pages, asked: Asked, path: str, limit: int = ROWS, **fixed: Any) -> Sheet:
    """What the listing at `path` holds, by the page's own `q` and `cursor`."""
    given = {name: asked.query_params.get(name, "") for name in ("q", "cursor")}
    answer = await pages.ask(asked, "GET", path, query={"limit": limit, **given, **fixed})
    if not answer.good:
        return Sheet([], given["q"], answer.words, "", True, answer.status)
    told = answer.value
    after = {**dict(asked.query_params), "cursor": told.get("next")}
    following = f"?{urlencode(after)}" if told.get("next") else ""
    kept = {name: value for name, value in asked.query_params.items() if name != "cursor"}
    start = f"?{urlencode(kept)}" if kept else ""
    return Sheet(told["items"], given["q"], "", following, not given["cursor"], 200, start)


def shown(pages: Pages, asked: Asked, template: str, sheet: Sheet, **values: Any) -> Response[str]:
    """The page of a listing; a filter that cannot be read is told beside it."""
    return pages.show(asked, template, sheet.status, sheet=sheet, **values)
