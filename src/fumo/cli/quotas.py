"""`fumo quotas`: how much there may be of what, and how often who may ask."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks
from fumo.cli.telling import tell, tell_rows


@click.group()
def main() -> None:
    """Say how much there may be of what."""


@main.command("list")
@asks
def list_(admin: Admin, output: str) -> None:
    """Print the quotas, and what each counts."""
    told = admin.get("/quotas")["items"]
    rows = [(one["name"], f"{one['most']:,}", one["words"]) for one in told]
    tell_rows(output, told, ("NAME", "MOST", "OF WHAT"), rows, "no quota")


@main.command("set")
@click.argument("name")
@click.argument("most", type=click.IntRange(0))
@asks
def set_(name: str, most: int, admin: Admin, output: str) -> None:
    """Let there be MOST of it from now on; what is there already stays."""
    told = admin.put(f"/quotas/{admin.name(name)}", {"most": most})
    tell(output, told, f"{name}: {told['most']:,} at most")
