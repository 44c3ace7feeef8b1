"""`fumo audit`: who changed what, when, and from where."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, limit_option, oldest_option
from fumo.cli.telling import ago, tell_rows

COLUMNS = ("ID", "WHEN", "WHO", "FROM", "DID", "TO")


@click.command()
@oldest_option
@limit_option
@asks
def main(sort: str | None, limit: int, admin: Admin, output: str) -> None:
    """Print every change that was made by the API, the newest first."""
    lines = admin.rows("/audit", limit, sort=sort)
    rows = [
        (one["id"], ago(one["at_s"]), one["who"], one["place"], one["action"], one["target"])
        for one in lines
    ]
    tell_rows(output, lines, COLUMNS, rows, "nothing was changed yet")
