"""`fumo db`: the server's database, for those who run it."""

import sys
from pathlib import Path

import click

from fumo.errors import FumoError
from fumo.server.main import HEAD, upgrade


@click.group()
def main() -> None:
    """Bring the server's database to this version."""


@main.command("upgrade")
@click.argument("database")
def upgrade_command(database: str) -> None:
    """Give DATABASE, postgresql://USER@HOST/NAME or a file, the tables of this version.

    Nothing is lost, and nothing happens to one that has them. Stop servers of another version
    first. A file is upgraded by 'fumo serve' too.
    """
    try:
        upgrade(database if "://" in database else Path(database))
    except (FumoError, OSError) as fault:
        click.echo(f"fumo db upgrade: {fault}", err=True)
        sys.exit(1)
    click.echo(f"the database is of revision {HEAD}")
