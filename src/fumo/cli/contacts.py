"""`fumo devices contacts`: how devices that sleep were asked to come, and whether they did."""

from typing import Any

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, limit_option, oldest_option
from fumo.cli.telling import ago, tell_rows

COLUMNS = ("WHEN", "DEVICE", "WHAT", "SESSION", "BY", "SAYS")


@click.command()
@click.argument("device", metavar="[ID]", required=False)
@oldest_option
@limit_option
@asks
def contacts(device: str | None, sort: str | None, limit: int, admin: Admin, output: str) -> None:
    """Print each attempt to wake the device ID, or any, what failed, and who came."""
    told = admin.rows("/contacts", limit, device=device, sort=sort)
    rows = [_row(one["contact"]) for one in told]
    tell_rows(output, told, COLUMNS, rows, "nobody was woken yet")


def _row(told: dict[str, Any]) -> tuple[Any, ...]:
    session = f"{told['session_id']:X}" if told["session_id"] else ""
    return (ago(told["at_s"]), told["device_id"], told["kind"], session, told["way"], told["text"])


def woken(story: dict[str, Any]) -> list[str]:
    """How it stands with waking a device, and what happened last; nothing, where it never was."""
    wake = story["wake"]
    if wake is None:
        return []
    why = f": {wake['why']}" if wake["why"] else ""
    tries = f"{wake['attempts']} notification{'' if wake['attempts'] == 1 else 's'}"
    lines = [f"woken: {wake['state']} after {tries}{why}"]
    last = story["contacts"][:3]
    return [*lines, *(f"  {ago(c['at_s'])}: {c['kind']} by {c['way']}: {c['text']}" for c in last)]
