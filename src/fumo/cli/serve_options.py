"""The options of `fumo serve` that say how it is operated: its log, its end, what it keeps, and
what stands around it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from fumo.cli.place import NetParam
from fumo.server.retention import Retention

F = TypeVar("F", bound=Callable[..., Any])

GRACE_MAX_S = 300.0
KEPT = {
    "events": "events of the feed",
    "messages": "DM messages of the log",
    "history": "alerts that did not count, and notes",
    "audit": "lines of the audit log",
}


def keep_options(command: F) -> F:
    """`--keep-events DAYS` and its like; `retention` makes one value of them."""
    for name, words in reversed(KEPT.items()):
        days = getattr(Retention(), f"{name}_days")
        command = click.option(
            f"--keep-{name}", f"{name}_days", type=click.IntRange(0), default=days,
            show_default=True, metavar="DAYS", help=f"How long {words} are kept; 0: for ever.",
        )(command)  # fmt: skip
    return command


def _peer_options(command: F) -> F:
    """`--device-ca FILE` and `--device-ca-optional`: who shows a certificate."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    roots = click.option(
        "--device-ca", type=file, help="Let in nobody without a certificate of these roots."
    )
    optional = click.option(
        "--device-ca-optional", is_flag=True,
        help="Let in also who shows none: only devices that are bound to a certificate need it.",
    )  # fmt: skip
    return roots(optional(command))


def run_options(command: F) -> F:
    """`--log FORM` and `--grace SECONDS`."""
    log = click.option(
        "--log", "log_form", type=click.Choice(["text", "json"]),
        help="Log what the server does, a line each, on standard error; by default only what "
        "went wrong.",
    )  # fmt: skip
    grace = click.option(
        "--grace", "grace_s", type=click.FloatRange(0, GRACE_MAX_S), default=0.0,
        metavar="SECONDS",
        help="Be not ready (/readyz) so long before the end, so that a balancer turns away first.",
    )  # fmt: skip
    return log(grace(command))


def front_options(command: F) -> F:
    """`--proxy-net NET`, `--public-url URL` and those of `_peer_options`: of who comes, and how."""
    nets = click.option(
        "--proxy-net", "proxy_nets", multiple=True, type=NetParam(),
        help="A net of proxies in front, such as 127.0.0.1/32, which are believed who came and "
        "how (X-Forwarded-For, X-Forwarded-Proto), and with which certificate (X-SSL-Client-Cert, "
        "X-SSL-Client-Verify). Several times for several.",
    )  # fmt: skip
    public = click.option(
        "--public-url", metavar="URL",
        help="Where people reach the pages, if not where it listens: https://NAME.",
    )  # fmt: skip
    return _peer_options(nets(public(command)))


def depot_options(command: F) -> F:
    """`--accel PREFIX`, `--through` and `--depot-rate BYTES`: who sends packages, and how fast."""
    accel = click.option(
        "--accel", default="", metavar="PREFIX",
        help="The nginx in front sends packages of a folder: its internal place of the folder's "
        "'sha256', such as /internal/.",
    )  # fmt: skip
    through = click.option(
        "--through",
        is_flag=True,
        help="Send what is in an S3, in place of leading devices there: they cannot reach it.",
    )
    rate = click.option(
        "--depot-rate", type=click.IntRange(0), default=0, metavar="BYTES",
        help="Bytes a second of all downloads together; 0: as fast as they go.",
    )  # fmt: skip
    return accel(through(rate(command)))


def depot_words(given: dict[str, Any]) -> tuple[str, ...]:
    """What `depot_options` gave, for the depot's process."""
    accel, rate = given["accel"], given["depot_rate"]
    return (
        *(("--accel", accel) if accel else ()),
        *(("--through",) if given["through"] else ()),
        *(("--rate", str(rate)) if rate else ()),
    )


def retention(given: dict[str, Any]) -> Retention:
    """Out of all that `keep_options` gave."""
    return Retention(**{f"{name}_days": given[f"{name}_days"] for name in KEPT})
