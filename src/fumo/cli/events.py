"""`fumo events`: what happened, one after the other, and what happens now."""

import json
import time
from collections.abc import Iterator
from typing import Any

import click

from fumo.cli.admin import PAGE, Admin
from fumo.cli.asking import asks, limit_option
from fumo.cli.telling import plain, tell_rows

COLUMNS = ("NUMBER", "WHEN", "WHAT", "DEVICE", "CAMPAIGN", "OPERATION", "SAYS")
STREAM = "text/event-stream"
AGAIN_S = 2.0

which = (
    click.option("--kind", "kinds", multiple=True, help="Such as operation, or operation.failed."),
    click.option("--device", help="Of this device only."),
    click.option("--campaign", type=int, help="Of this campaign only."),
)


@click.group()
def main() -> None:
    """Say what happened, and what happens now."""


def _which(command: Any) -> Any:
    for option in reversed(which):
        command = option(command)
    return command


@main.command("list")
@click.option("--after", type=click.IntRange(0), default=0, help="After the event of this number.")
@_which
@limit_option
@asks
def list_(
    after: int, kinds: tuple[str, ...], device: str | None, campaign: int | None, limit: int,
    admin: Admin, output: str,
) -> None:  # fmt: skip
    """Print events, the oldest that is kept first."""
    wanted = {"kind": list(kinds) or None, "device": device, "campaign": campaign}
    events: list[Any] = []
    while len(events) < limit:
        asked = min(PAGE, limit - len(events))
        part = admin.get("/events", after=after, limit=asked, **wanted)
        events += part["items"]
        if part["next"] == after:
            break
        after = part["next"]
    tell_rows(output, events, COLUMNS, [_row(event) for event in events], "no event")


@main.command()
@click.option("--after", type=click.IntRange(0), help="Begin after the event of this number.")
@click.option("--count", type=click.IntRange(1), help="End after so many.")
@_which
@asks
def follow(
    after: int | None, count: int | None, kinds: tuple[str, ...], device: str | None,
    campaign: int | None, admin: Admin, output: str,
) -> None:  # fmt: skip
    """Print events as they happen, one a line, until it is ended. None is missed on the way."""
    wanted = {"kind": list(kinds) or None, "device": device, "campaign": campaign}
    for number, event in enumerate(_followed(admin, after, wanted), 1):
        row = "  ".join(str(cell) for cell in _row(event) if cell not in (None, ""))
        click.echo(json.dumps(event) if output == "json" else plain(row))
        if number == count:
            return


def _followed(admin: Admin, after: int | None, wanted: dict[str, Any]) -> Iterator[Any]:
    seen, came = None if after is None else str(after), False
    while True:
        more = {"Accept": STREAM} | ({} if seen is None else {"Last-Event-ID": seen})
        for line in admin.lines("/events", more, patient=came, **wanted):
            came = True
            name, _, value = line.partition(":")
            if name == "id":
                seen = value.strip()
            if name == "data" and value.strip():
                yield json.loads(value)
        time.sleep(AGAIN_S)


def _row(event: dict[str, Any]) -> tuple[Any, ...]:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(event["at_s"]))
    return (event["number"], at, event["kind"], event["device"], event["campaign"],
            event["operation"], event["text"])  # fmt: skip
