"""`fumo devices import`: many devices from a file, whose secrets no list of processes shows."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TextIO

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks
from fumo.cli.telling import fail, tell

AT_ONCE = 500
NEEDED = ("id", "user", "password", "server_password")
COLUMNS = (*NEEDED, "profile")


@click.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@asks
def import_(file: TextIO, admin: Admin, output: str) -> None:
    """Let the devices of FILE come, or of standard input (-).

    It is CSV, whose first line names its columns: id, user, password, server_password and, if you
    like, profile. Devices that are there already stay as they are, so the same file may be taken
    in again after a failure, or when it has grown.
    """
    told = {"added": 0, "known": 0}
    devices = rows_of(file, NEEDED, COLUMNS)
    while part := list(islice(devices, AT_ONCE)):
        answer = admin.post_in_time("/imports", {"devices": part})
        told = {name: number + answer[name] for name, number in told.items()}
    tell(output, told, f"devices added: {told['added']}, there already: {told['known']}")


def rows_of(
    file: TextIO, needed: Sequence[str], columns: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The devices of a CSV file with these columns; what is empty and not needed is left out."""
    try:
        lines = csv.DictReader(file, strict=True)
        _check(file.name, lines.fieldnames or (), needed, columns)
        for row in lines:
            if None in row or None in row.values():
                fail(f"{file.name}, line {lines.line_num}: not as many values as there are columns")
            yield {name: value for name, value in row.items() if value or name in needed}
    except (csv.Error, UnicodeDecodeError) as fault:
        fail(f"{file.name} is no CSV in UTF-8: {fault}")


def _check(name: str, given: Any, needed: Sequence[str], columns: Sequence[str]) -> None:
    missing = [one for one in needed if one not in given]
    foreign = [one for one in given if one not in columns]
    if missing or foreign or len(set(given)) < len(given):
        rest = ", ".join(one for one in columns if one not in needed)
        fail(f"the first line of {name} names the columns {', '.join(columns)}, each once; "
             f"{rest} may be left out")  # fmt: skip
