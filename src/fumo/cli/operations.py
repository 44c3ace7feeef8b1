"""`fumo operations`: what was ordered, and what came of it."""

from typing import Any

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, filter_option, limit_option, oldest_option
from fumo.cli.telling import ago, plain, print_json, tell, tell_rows

COLUMNS = ("ID", "DEVICE", "OPERATION", "STATE", "RESULT", "ALERTS", "REQUESTS", "ORDERED")

MATCHES = ("final", "late", "repeated", "conflict", "progress", "orphan", "request")


@click.group()
def main() -> None:
    """List what was ordered and what came of it."""


@main.command("list")
@click.option("--campaign", type=int, help="Of this campaign only.")
@click.option("--device", help="Of this device only.")
@filter_option("state == failed and result == 410")
@oldest_option
@limit_option
@asks
def list_(
    campaign: int | None, device: str | None, filter_: str | None, sort: str | None, limit: int,
    admin: Admin, output: str,
) -> None:  # fmt: skip
    """Print operations, the newest first."""
    told = admin.rows("/operations", limit, campaign=campaign, device=device, q=filter_, sort=sort)
    tell_rows(output, told, COLUMNS, [row(one) for one in told], "no operation yet")


def row(told: dict[str, Any]) -> tuple[Any, ...]:
    """An operation in `COLUMNS`."""
    result = f"{told['result']} {told['meaning']}" if told["result"] else told["reason"]
    alerts = ", ".join(f"{number} {word}" for word, number in told["alerts"].items())
    return (told["id"], told["device"], told["kind"], told["shown"], result, alerts,
            told["fetches"] or "", ago(told["created_at_s"]))  # fmt: skip


@main.command()
@click.argument("operation", type=int)
@asks
def show(operation: int, admin: Admin, output: str) -> None:
    """Print one operation's timeline: every message, retry, download request and alert."""
    story = admin.get(f"/operations/{operation}/story")
    if output == "json":
        print_json(story)
        return
    click.echo(plain(story["why"]))
    for entry in story["timeline"]:
        click.echo(plain(f"{_clock(entry['at_s'])}  {entry['title']}"))
        for line in entry["lines"]:
            click.echo(plain(f"{'':14}{line}"))


def _clock(at_s: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_s, UTC).strftime("%H:%M:%S.%f")[:-3]


@main.command()
@click.argument("operation", type=int)
@asks
def cancel(operation: int, admin: Admin, output: str) -> None:
    """Order nothing more of an operation. What its device has heard of, it may carry out."""
    told = admin.post(f"/operations/{operation}/cancel")
    tell(output, told, f"operation {operation}: {told['shown']}")


@main.command()
@click.option("--match", type=click.Choice(MATCHES), help="Only what counted as this.")
@oldest_option
@limit_option
@asks
def alerts(match: str | None, sort: str | None, limit: int, admin: Admin, output: str) -> None:
    """Print what devices reported, as it came, also what fits no operation; the newest first."""
    told = admin.rows("/alerts", limit, match=match, sort=sort)
    rows = [_alert(one["id"], one["alert"]) for one in told]
    columns = ("ID", "DEVICE", "TYPE", "SAYS", "COUNTED AS", "OPERATION", "CAME")
    tell_rows(output, told, columns, rows, "no alert yet")


def _alert(number: int, alert: dict[str, Any]) -> tuple[Any, ...]:
    return (number, alert["device_id"], alert["type"], alert["data"], alert["match"],
            alert["operation_id"], ago(alert["at_s"]))  # fmt: skip
