"""What commands print: tables for people, JSON for programs, errors in one line, and exit codes.

0 is done; 1 refused; 2 a command line that makes no sense; 3 nobody answered, or later: the same
again may work; 4 not let in.
"""

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

REFUSED, AGAIN, FORBIDDEN = 1, 3, 4


def plain(words: str) -> str:
    """What devices say is shown, never obeyed by the terminal."""
    shown = (
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in words
    )
    return "".join(shown)


def fail(words: str, code: int = REFUSED) -> NoReturn:
    """Say what is wrong, and end."""
    click.echo(f"fumo: {plain(words)}", err=True)
    sys.exit(code)


def warn(words: str) -> None:
    """Say what to mind, and go on."""
    click.echo(f"fumo: {plain(words)}", err=True)


def tell(output: str, told: Any, line: str) -> None:
    """What an order gave: a line for people, or all of it for programs."""
    if output == "json":
        print_json(told)
    else:
        click.echo(plain(line))


def tell_rows(
    output: str, told: Sequence[Any], columns: Sequence[str], rows: Sequence[Sequence[Any]],
    empty: str,
) -> None:  # fmt: skip
    """A listing: a table for people, or all of it for programs."""
    if output == "json":
        print_json(told)
    else:
        print_table(columns, rows, empty)


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
        table.add_row(*(Text("" if cell is None else plain(str(cell))) for cell in row))
    console.print(table)


def until(at_s: float | None) -> str:
    """A moment to come, in UTC."""
    import time

    return "never" if at_s is None else time.strftime("%Y-%m-%d %H:%M", time.gmtime(at_s))


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
