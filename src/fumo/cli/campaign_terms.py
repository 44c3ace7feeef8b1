"""The options that say on which terms a campaign goes on."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from fumo.cli.duration import Duration
from fumo.cli.moment import Moment

F = TypeVar("F", bound=Callable[..., Any])
PERCENT = click.IntRange(0, 100)

OPTIONS = (
    click.option("--group", "shares", multiple=True, type=click.IntRange(1, 99), metavar="PERCENT",
                 help="A group of so many percent; what is left is the last group."),
    click.option("--success", "success_percent", type=PERCENT, default=0, metavar="PERCENT",
                 help="So much of a group succeeded: the next one begins."),
    click.option("--errors", "error_percent", type=PERCENT, default=0, metavar="PERCENT",
                 help="So much of a group failed: the campaign pauses."),
    click.option("--rate", type=click.IntRange(0), default=0, help="Devices started a minute."),
    click.option("--approval", is_flag=True, help="Somebody else must approve it."),
    click.option("--start-at", "starts_at_s", type=Moment(), help="Not before: 2027-01-31T22:00Z."),
    click.option("--end-at", "ends_at_s", type=Moment(), help="Cancel then what was not sent."),
    click.option("--window", "windows", multiple=True, metavar="HOURS",
                 help="Order only then: 'mon-fri 01:00-05:00', 'daily 22:00-04:00'. Repeatable."),
    click.option("--zone", default="UTC", show_default=True,
                 help="Of the windows: UTC, +02:00 or Europe/Berlin."),
    click.option("--download-anytime", is_flag=True, help="Windows are for updates only."),
    click.option("--retries", "count", type=click.IntRange(0, 10), default=0,
                 help="Try a device so often more by itself."),
    click.option("--retry-after", "wait_s", type=Duration(), default="1h", show_default=True,
                 help="How long after the end that is tried again."),
    click.option("--retry-on", "on", multiple=True, metavar="END",
                 help="Which ends: 404, failed, refused, unknown, expired. Repeatable."),
    click.option("--consent", is_flag=True, help="Ask the user of each device first."),
    click.option("--wake", is_flag=True, help="Ask devices that sleep to come, by their address."),
    click.option("--wake-rate", type=click.IntRange(0), default=0,
                 help="Devices asked a minute; 0: all at once."),
    click.option("--bytes-per-s", type=click.IntRange(0), default=0,
                 help="What all its downloads at a depot share; 0: as fast as they go."),
    click.option("--descriptor", is_flag=True,
                 help="Lead devices to the package by a descriptor, and be told of transfers."),
    click.option("--draft", is_flag=True, help="Wait for 'fumo campaign start', or 'submit'."),
)  # fmt: skip


def says_terms(command: F) -> F:
    """Gives a command its `terms`: the options that say so come with it."""

    @wraps(command)
    def run(
        *args: Any, count: int, wait_s: float, on: tuple[str, ...], draft: bool, **more: Any
    ) -> Any:
        told = {name: more.pop(name) for name in NAMES}
        retries = {"count": count, "wait_s": wait_s, "on": on}
        return command(*args, terms={**told, "starts": not draft, "retries": retries}, **more)

    asked: Any = run
    for option in reversed(OPTIONS):
        asked = option(asked)
    return asked  # type: ignore[no-any-return]


NAMES = (
    "shares", "success_percent", "error_percent", "rate", "approval", "starts_at_s", "ends_at_s",
    "windows", "zone", "download_anytime", "consent", "wake", "wake_rate", "descriptor",
    "bytes_per_s",
)  # fmt: skip
