"""`fumo depot`: the store of packages."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks
from fumo.cli.package_publish import refresh
from fumo.cli.telling import tell


@click.group()
def main() -> None:
    """Look after the store of packages."""


main.add_command(refresh)


@main.command()
@asks
def collect(admin: Admin, output: str) -> None:
    """Remove contents that nothing refers to and that are older than a day.

    A server does so by itself every hour.
    """
    told = admin.finish("/contents/collect")
    words = f"{told['removed']} of {told['looked']} contents removed, {told['bytes']:,} bytes"
    tell(output, told, f"{words}; {told['uploads']} unfinished uploads forgotten")
