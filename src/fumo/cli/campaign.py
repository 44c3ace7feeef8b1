"""`fumo campaign`: order an update to devices, see how it goes, try the failed ones again."""

from typing import Any

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, filter_option, limit_option
from fumo.cli.duration import Duration
from fumo.cli.telling import ago, tell, tell_rows

KINDS = ("download", "update", "downloadandupdate")
COLUMNS = ("ID", "NAME", "IS", "PACKAGE", "OPERATION", "DEVICES", "STATES", "FAILURES", "ORDERED")


@click.group()
def main() -> None:
    """Order an update to devices, and watch it."""


@main.command()
@click.option("--package", required=True, help="NAME, NAME@VERSION or number.")
@click.option("--device", "devices", multiple=True, required=True, metavar="ID...",
              help="A device; may be given often, or followed by more.")  # fmt: skip
@click.argument("more", nargs=-1, metavar="[ID]...")
@click.option("--operation", required=True, type=click.Choice(KINDS, case_sensitive=False))
@click.option("--name", default="", help="What people call it.")
@click.option("--deadline", type=Duration(), default="7d", show_default=True,
              help="How long a result is waited for.")  # fmt: skip
@click.option("--group", "groups", multiple=True, type=click.IntRange(1, 99), metavar="PERCENT",
              help="A group of so many percent; what is left is the last group.")  # fmt: skip
@click.option("--success", type=click.IntRange(0, 100), default=0, metavar="PERCENT",
              help="So much of a group succeeded: the next one begins.")  # fmt: skip
@click.option("--errors", type=click.IntRange(0, 100), default=0, metavar="PERCENT",
              help="So much of a group failed: the campaign pauses.")  # fmt: skip
@click.option("--rate", type=click.IntRange(0), default=0, help="Devices started a minute.")
@click.option("--draft", is_flag=True, help="Wait for 'fumo campaign start'.")
@asks
def create(
    package: str, devices: tuple[str, ...], more: tuple[str, ...], operation: str, name: str,
    deadline: float, groups: tuple[int, ...], success: int, errors: int, rate: int, draft: bool,
    admin: Admin, output: str,
) -> None:  # fmt: skip
    """Order an operation to devices; each gets the order when it comes."""
    terms = {"starts": not draft, "shares": groups, "success_percent": success,
             "error_percent": errors, "rate": rate}  # fmt: skip
    order = {"package": package, "devices": [*devices, *more], "operation": operation,
             "name": name, "deadline_s": deadline, "terms": terms}  # fmt: skip
    campaign = admin.post("/campaigns", order)
    planned = f"campaign {campaign['id']}: {_operations(campaign['total'])} planned"
    tell(output, campaign, planned)


@main.command()
@click.argument("campaign", type=int, required=False)
@filter_option
@limit_option
@asks
def status(
    campaign: int | None, filter_: str | None, limit: int, admin: Admin, output: str
) -> None:
    """Print how a campaign stands, or all of them."""
    if campaign is None:
        told: Any = admin.rows("/campaigns", limit, q=filter_)
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
@asks
def retry(campaign: int, admin: Admin, output: str) -> None:
    """Order anew for the devices that failed: a new operation each, with a new correlator."""
    told = admin.post(f"/campaigns/{campaign}/retry")
    anew = f"{_operations(told['operations'])} planned anew"
    nothing = "nothing failed that was not ordered anew already"
    tell(output, told, f"campaign {campaign}: {anew if told['operations'] else nothing}")


def _operations(number: int) -> str:
    return f"{number} operation" if number == 1 else f"{number} operations"


def _command(word: str, says: str) -> click.Command:
    @click.argument("campaign", type=int)
    @asks
    def run(campaign: int, admin: Admin, output: str) -> None:
        told = admin.post(f"/campaigns/{campaign}/orders/{word}")
        group = f"group {told['opened']} of {told['groups']}"
        tell(output, told, f"campaign {campaign}: {told['state']}, {group}")

    return click.command(word, help=says)(run)


for _word, _says in {
    "start": "Start a campaign that was made with --draft.",
    "pause": "Order nothing more; what was sent goes on.",
    "resume": "Go on after a pause: only errors from now on pause it again.",
    "next-group": "Open the next group now.",
    "stop": "Cancel all that was not sent, for good.",
}.items():
    main.add_command(_command(_word, _says))
