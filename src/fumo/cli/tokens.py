"""`fumo tokens`: what programs show at the door of the API. A token is printed once."""

from typing import Any

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, limit_option
from fumo.cli.duration import Duration
from fumo.cli.telling import ago, tell, tell_rows, until
from fumo.cli.users import ROLES

COLUMNS = ("ID", "USER", "ROLE", "LABEL", "MADE", "ENDS")


@click.group()
def main() -> None:
    """Make and revoke the tokens by which programs use the server."""


@main.command()
@click.argument("user")
@click.option("--label", default="", help="What it is for.")
@click.option("--role", type=click.Choice(ROLES), help="Less than USER may: by default the same.")
@click.option("--lasts", "lasts_s", type=Duration(), help="It ends after so long.")
@asks
def add(
    user: str, label: str, role: str | None, lasts_s: float | None, admin: Admin, output: str
) -> None:
    """Print a new token of USER. It is shown now, and never again."""
    wanted = {"user": user, "label": label, "role": role, "lasts_s": lasts_s}
    told = admin.post_once("/tokens", wanted)
    tell(output, told, told["token"])


@main.command()
@click.argument("number", type=click.IntRange(0), metavar="ID")
@asks
def revoke(number: int, admin: Admin, output: str) -> None:
    """Let the token ID in no more; 'fumo tokens list' tells the ids."""
    tell(output, admin.post(f"/tokens/{number}/revoke"), f"token {number} revoked")


@main.command("list")
@limit_option
@asks
def list_(limit: int, admin: Admin, output: str) -> None:
    """Print the tokens, without what they are."""
    tokens = admin.rows("/tokens", limit)
    tell_rows(output, tokens, COLUMNS, [_row(one) for one in tokens], "no token yet")


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    made, ends = ago(one["created_at_s"]), until(one["ends_at_s"])
    return (one["id"], one["user"], one["role"], one["label"], made, ends)
