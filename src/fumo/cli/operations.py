"""`fumo operations`: what was ordered, and what came of it."""

from pathlib import Path
from typing import Any

import click

from fumo.cli.admin import (
    Admin,
    ago,
    data_option,
    limit_option,
    output_option,
    print_json,
    print_table,
)


@click.group()
def main() -> None:
    """List what was ordered and what came of it."""


@main.command("list")
@click.option("--campaign", type=int, help="Of this campaign only.")
@click.option("--device", help="Of this device only.")
@limit_option
@data_option
@output_option
def list_(campaign: int | None, device: str | None, limit: int, data: Path, output: str) -> None:
    """Print operations, the newest first."""
    told = Admin(data).rows("/operations", limit, campaign=campaign, device=device)
    if output == "json":
        print_json(told)
        return
    columns = ("ID", "DEVICE", "OPERATION", "STATE", "RESULT", "ALERTS", "REQUESTS", "ORDERED")
    print_table(columns, [_row(one) for one in told], "no operation yet")


def _row(told: dict[str, Any]) -> tuple[Any, ...]:
    result = f"{told['result']} {told['meaning']}" if told["result"] else told["reason"]
    alerts = ", ".join(f"{number} {word}" for word, number in told["alerts"].items())
    return (told["id"], told["device"], told["kind"], told["shown"], result, alerts,
            told["fetches"] or "", ago(told["created_at_s"]))  # fmt: skip


@main.command()
@click.argument("operation", type=int)
@data_option
@output_option
def show(operation: int, data: Path, output: str) -> None:
    """Print one operation's timeline: every message, retry, download request and alert."""
    story = Admin(data).get(f"/operations/{operation}/story")
    if output == "json":
        print_json(story)
        return
    click.echo(story["why"])
    for entry in story["timeline"]:
        click.echo(f"{_clock(entry['at_s'])}  {entry['title']}")
        for line in entry["lines"]:
            click.echo(f"{'':14}{line}")


def _clock(at_s: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_s, UTC).strftime("%H:%M:%S.%f")[:-3]
