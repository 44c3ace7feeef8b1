"""`fumo incidents`: what people must look at, until somebody says that he did."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, limit_option
from fumo.cli.telling import ago, tell, tell_rows

COLUMNS = ("ID", "DEVICE", "WHAT", "OPERATION", "SAYS", "TIMES", "LAST", "SEEN BY")


@click.group()
def main() -> None:
    """Say what people must look at."""


@main.command("list")
@click.option("--all", "all_", is_flag=True, help="Also those that somebody has looked at.")
@limit_option
@asks
def list_(all_: bool, limit: int, admin: Admin, output: str) -> None:
    """Print what nobody has looked at yet, the newest first."""
    told = admin.rows("/incidents", limit, seen=all_ or None)
    rows = [
        (one["id"], one["device_id"], one["kind"], one["operation_id"] or "", one["text"],
         one["number"], ago(one["last_at_s"]), one["seen_by"])
        for one in told
    ]  # fmt: skip
    tell_rows(output, told, COLUMNS, rows, "nothing to look at")


@main.command()
@click.argument("incident", type=click.IntRange(0))
@asks
def seen(incident: int, admin: Admin, output: str) -> None:
    """Say that you have looked at INCIDENT."""
    told = admin.post(f"/incidents/{incident}/seen")
    tell(output, told, f"incident {incident}: seen by {told['seen_by']}")
