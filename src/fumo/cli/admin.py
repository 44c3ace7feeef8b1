"""Speaking to a running server: HTTP over the Unix socket in its data folder. Never its database.

An error says what, where and the next step, on one line of standard error, with exit code 1.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

API = "/api/v1"
TIMEOUT_S = 30.0
PAGE = 500
"""Rows that are asked for at once."""

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("fumo-data"),
    show_default=True,
    help="The server's data folder.",
)
limit_option = click.option(
    "--limit", type=click.IntRange(1), default=500, show_default=True, help="So many rows at most."
)
output_option = click.option(
    "-o",
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="For people or for programs.",
)


class Admin:
    """A running server, from its operator's side."""

    def __init__(self, data: Path) -> None:
        self._socket = data / "admin.sock"

    def get(self, path: str, **query: Any) -> Any:
        """What the server tells."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self._call("GET", path, params=asked)

    def rows(self, path: str, most: int, **query: Any) -> list[Any]:
        """The first rows of a listing, page by page."""
        rows: list[Any] = []
        cursor = None
        while len(rows) < most:
            limit = min(PAGE, most - len(rows))
            page = self.get(path, limit=limit, cursor=cursor, **query)
            rows += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        return rows

    def post(self, path: str, body: Any = None) -> Any:
        """What an order gave."""
        return self._call("POST", path, json=body)

    def _call(self, method: str, path: str, **more: Any) -> Any:
        import httpx2  # heavy: only when it is used

        transport = httpx2.HTTPTransport(uds=str(self._socket))
        try:
            with httpx2.Client(
                transport=transport, base_url="http://fumo", timeout=TIMEOUT_S
            ) as client:
                answer = client.request(method, API + path, **more)
        except httpx2.TransportError as fault:
            fail(
                f"no server answers at {self._socket} ({type(fault).__name__}): "
                f"start it with 'fumo serve --data {self._socket.parent}'"
            )
        if answer.status_code >= 400:
            fail(_words(answer))
        return answer.json()


def _words(answer: Any) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"


def fail(words: str) -> NoReturn:
    """Say what is wrong, and end."""
    click.echo(f"fumo: {words}", err=True)
    sys.exit(1)


def print_json(value: Any) -> None:
    """For programs."""
    import json

    click.echo(json.dumps(value, indent=2))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str) -> None:
    """For people; whole words even where no terminal says how wide it is."""
    if not rows:
        click.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console.print(table)


def ago(at_s: float | None) -> str:
    """A moment as people tell it."""
    import time

    if at_s is None:
        return "never"
    gone = max(0, int(time.time() - at_s))
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60)):
        if gone >= seconds:
            return f"{gone // seconds} {unit} ago"
    return f"{gone} s ago"
