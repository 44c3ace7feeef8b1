"""What every command that speaks to a server may be told: which server, and as whom.

By hand beats the environment; `--data` beats FUMO_SERVER.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from fumo.cli.admin import Admin, Tls
from fumo.cli.telling import fail

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

data_option = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), default=Path("fumo-data"),
    show_default=True, help="The server's data folder.",
)  # fmt: skip
output_option = click.option(
    "-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True,
    help="For people or for programs.",
)  # fmt: skip
limit_option = click.option(
    "--limit", type=click.IntRange(1), default=500, show_default=True, help="So many rows at most."
)


def filter_option(example: str) -> Callable[[F], F]:
    """`--filter`, as `filter_`."""
    says = f"Those only that it chooses: '{example}'."
    return click.option("--filter", "filter_", metavar="FILTER", help=says)


oldest_option = click.option(
    "--oldest-first", "sort", flag_value="id", default=None, help="Not the newest first."
)
WAY = (
    data_option,
    click.option("--server", metavar="URL", envvar="FUMO_SERVER", show_envvar=True,
                 help="A server elsewhere, in place of a data folder here."),
    click.option("--token", envvar="FUMO_TOKEN", show_envvar=True,
                 help="Who asks there. On a command line others can see it: better use the next."),
    click.option("--token-file", type=FILE, envvar="FUMO_TOKEN_FILE", show_envvar=True,
                 help="A file that holds the token."),
    click.option("--ca", type=FILE, envvar="FUMO_CA", show_envvar=True,
                 help="Roots that its certificate is proven by: by default, the system's."),
    click.option("--cert", type=FILE, envvar="FUMO_CERT", show_envvar=True,
                 help="A certificate for a server that lets in nobody without."),
    click.option("--key", type=FILE, envvar="FUMO_KEY", show_envvar=True,
                 help="The certificate's key, if it stands in a file of its own."),
)  # fmt: skip


def asks(command: F) -> F:
    """Gives a command its `admin`, and `output`: the options that say so come with it."""

    @click.pass_context
    @wraps(command)
    def run(
        ctx: click.Context, /, *args: Any, data: Path, server: str | None, token: str | None,
        token_file: Path | None, ca: Path | None, cert: Path | None, key: Path | None, **more: Any,
    ) -> Any:  # fmt: skip
        if _by_hand(ctx, "data") and _by_hand(ctx, "server"):
            raise click.UsageError("--data and --server are two servers: give one")
        if server is None or _by_hand(ctx, "data"):
            return command(*args, admin=Admin(data), **more)
        said = token if token_file is None or _by_hand(ctx, "token") else _read(token_file)
        return command(*args, admin=Admin(_url(server), said or "", Tls(ca, cert, key)), **more)

    asked: Any = run
    for option in reversed((*WAY, output_option)):
        asked = option(asked)
    return asked  # type: ignore[no-any-return]


def _by_hand(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _url(server: str) -> str:
    if not server.startswith(("http://", "https://")):
        raise click.UsageError(f"--server {server} is no URL, such as https://fumo.example:8080")
    return server


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as fault:
        fail(f"{file} holds no token: {fault}")
