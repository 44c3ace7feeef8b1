"""`fumo tokens`: what programs show at the door of the API. A token is printed once."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, limit_option
from fumo.cli.telling import ago, tell, tell_rows


@click.group()
def main() -> None:
    """Make and revoke the tokens by which programs use the server."""


@main.command()
@click.argument("user")
@click.option("--label", default="", help="What it is for.")
@asks
def add(user: str, label: str, admin: Admin, output: str) -> None:
    """Print a new token of USER. It is shown now, and never again."""
    told = admin.post_once("/tokens", {"user": user, "label": label})
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
    rows = [(one["id"], one["user"], one["label"], ago(one["created_at_s"])) for one in tokens]
    tell_rows(output, tokens, ("ID", "USER", "LABEL", "MADE"), rows, "no token yet")
