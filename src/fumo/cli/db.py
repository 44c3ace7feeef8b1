"""`fumo db`: the server's database, for those who run it."""

import sys
import time
from pathlib import Path

import click

from fumo.errors import FumoError
from fumo.server.main import HEAD, back_up, restored, upgrade


@click.group()
def main() -> None:
    """Bring the server's database to this version, copy it, and say that a copy was restored."""


@main.command("upgrade")
@click.argument("database")
def upgrade_command(database: str) -> None:
    """Give DATABASE, postgresql://USER@HOST/NAME or a file, the tables of this version.

    Nothing is lost, and nothing happens to one that has them. Stop servers of another version
    first. A file is upgraded by 'fumo serve' too.
    """
    try:
        upgrade(_place(database))
    except (FumoError, OSError) as fault:
        click.echo(f"fumo db upgrade: {fault}", err=True)
        sys.exit(1)
    click.echo(f"the database is of revision {HEAD}")


@main.command("backup")
@click.argument("data", type=click.Path(file_okay=False, path_type=Path))
@click.argument("to", type=click.Path(path_type=Path))
def backup_command(data: Path, to: Path) -> None:
    """Copy the database and the keys of the data folder DATA to the new folder TO.

    The server may run meanwhile. PostgreSQL has tools of its own, such as pg_dump.
    """
    try:
        back_up(data, to)
    except FumoError as fault:
        click.echo(f"fumo db backup: {fault}", err=True)
        sys.exit(1)
    click.echo(f"{to} is a copy of {data}, without its packages")


@main.command("restored")
@click.argument("database")
@click.option("--keep-held", is_flag=True, help="Nothing that was held when the copy was made was "
              "released since: no group opened, no campaign started or resumed.")  # fmt: skip
def restored_command(database: str, keep_held: bool) -> None:
    """Say that DATABASE is an older copy, before a server is started on it.

    Campaigns are paused, and what was not sent becomes unknown: it may have been sent since the
    copy was made, and nothing is ordered twice but by your word.
    """
    try:
        doubt = restored(_place(database), time.time(), keep_held=keep_held)
    except (FumoError, OSError) as fault:
        click.echo(f"fumo db restored: {fault}", err=True)
        sys.exit(1)
    click.echo(f"paused campaigns: {doubt.campaigns}, unknown operations: {doubt.operations}")


def _place(database: str) -> Path | str:
    return database if "://" in database else Path(database)
