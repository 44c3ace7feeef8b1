"""`fumo campaign`: order an update to devices, see how it goes, try the failed ones again."""

from typing import Any

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, filter_option, limit_option, oldest_option
from fumo.cli.campaign_terms import says_terms
from fumo.cli.campaign_words import commands
from fumo.cli.duration import Duration
from fumo.cli.telling import ago, tell, tell_rows

KINDS = ("download", "update", "downloadandupdate", "download-then-update", "pkgdata")
COLUMNS = ("ID", "NAME", "IS", "PACKAGE", "OPERATION", "DEVICES", "STATES", "FAILURES", "ORDERED")


@click.group()
def main() -> None:
    """Order an update to devices, and watch it."""


@main.command()
@click.option("--package", required=True, help="NAME, NAME@VERSION or number.")
@click.option("--device", "devices", multiple=True, metavar="ID...",
              help="A device; may be given often, or followed by more.")  # fmt: skip
@click.argument("more", nargs=-1, metavar="[ID]...")
@filter_option("fwv < 2 and tag == lab")
@click.option("--dynamic", is_flag=True, help="Also devices that the filter comes to choose.")
@click.option("--operation", required=True, type=click.Choice(KINDS, case_sensitive=False))
@click.option("--name", default="", help="What people call it.")
@click.option("--deadline", type=Duration(), default="7d", show_default=True,
              help="How long a result is waited for.")  # fmt: skip
@says_terms
@asks
def create(
    package: str, devices: tuple[str, ...], more: tuple[str, ...], filter_: str | None,
    dynamic: bool, operation: str, name: str, deadline: float, terms: dict[str, Any],
    admin: Admin, output: str,
) -> None:  # fmt: skip
    """Order an operation to devices; each gets the order when it comes."""
    order = {"package": package, "devices": [*devices, *more], "filter": filter_,
             "dynamic": dynamic, "operation": operation, "name": name, "deadline_s": deadline,
             "terms": terms}  # fmt: skip
    campaign = admin.post("/campaigns", order)
    planned = f"campaign {campaign['id']}: {_operations(campaign['total'])} planned"
    waits = "" if campaign["state"] == "running" else f", {campaign['state']}"
    tell(output, campaign, planned + waits)


@main.command()
@click.argument("campaign", type=int, required=False)
@filter_option("state == running")
@oldest_option
@limit_option
@asks
def status(
    campaign: int | None,
    filter_: str | None,
    sort: str | None,
    limit: int,
    admin: Admin,
    output: str,
) -> None:
    """Print how a campaign stands, or all of them."""
    if campaign is None:
        told: Any = admin.rows("/campaigns", limit, q=filter_, sort=sort)
    else:
        told = admin.get(f"/campaigns/{campaign}")
    rows = [_row(one) for one in (told if isinstance(told, list) else [told])]
    tell_rows(output, told, COLUMNS, rows, "no campaign yet")


def _row(told: dict[str, Any]) -> tuple[Any, ...]:
    states = ", ".join(f"{number} {state}" for state, number in sorted(told["states"].items()))
    failures = ", ".join(f"{number} x {words}" for words, number in told["failures"].items())
    package = f"{told['package']} {told['version']}"
    devices = told["total"] - told["retried"]
    if told["retried"]:
        states += f" ({told['retried']} retried)"
    return (told["id"], told["name"], _standing(told), package, told["kind"], devices, states,
            failures, ago(told["created_at_s"]))  # fmt: skip


def _standing(told: dict[str, Any]) -> str:
    """Running or not, which group of how many, and why."""
    group = f", group {told['opened']} of {told['groups']}" if told["groups"] > 1 else ""
    why = f": {told['why']}" if told["why"] and told["state"] != "running" else ""
    return f"{told['state']}{group}{why}"


@main.command()
@click.argument("campaign", type=int)
@click.option("--on", "ends", multiple=True, metavar="END",
              help="Other ends than failed and refused: 404, unknown, expired.")  # fmt: skip
@asks
def retry(campaign: int, ends: tuple[str, ...], admin: Admin, output: str) -> None:
    """Order anew for the devices that failed: a new operation each, with a new correlator."""
    told = admin.post(f"/campaigns/{campaign}/retry", {"ends": ends})
    anew = f"{_operations(told['operations'])} planned anew"
    nothing = "nothing failed that was not ordered anew already"
    tell(output, told, f"campaign {campaign}: {anew if told['operations'] else nothing}")


def _operations(number: int) -> str:
    return f"{number} operation" if number == 1 else f"{number} operations"


for _command in commands():
    main.add_command(_command)
