"""`fumo audit`: who changed what, when, and from where."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, limit_option
from fumo.cli.telling import ago, tell_rows

COLUMNS = ("ID", "WHEN", "WHO", "FROM", "DID", "TO")


@click.command()
@limit_option
@asks
def main(limit: int, admin: Admin, output: str) -> None:
    """Print every change that was made by the API, the newest first."""
    lines = admin.rows("/audit", limit)
    rows = [
        (one["id"], ago(one["at_s"]), one["who"], one["place"], one["action"], one["target"])
        for one in lines
    ]
    tell_rows(output, lines, COLUMNS, rows, "nothing was changed yet")
