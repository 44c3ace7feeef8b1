"""The group `fumo`: a table of its commands, each imported only when it is called.

`fumo --help` reads the table alone, so it stays quick however heavy a command is. A row whose
module is not there (a small installation, or one not written yet) is not shown.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import click


class Row(NamedTuple):
    """Where a command is, and what `--help` says of it."""

    where: str
    """`module:attribute`. The attribute is a click command or group, or a plain function that takes
    the words after the command's name and gives an exit code (or None for 0)."""
    says: str


COMMANDS = {
    "demo": Row("fumo.cli.demo:main", "Update twenty devices through faults, and prove it."),
    "serve": Row("fumo.cli.serve:main", "Run the server, the depot and the pages."),
    "config": Row("fumo.cli.config:main", "Say how a server is set up, and begin its file."),
    "devices": Row("fumo.cli.devices:main", "Say which devices the server knows."),
    "package": Row("fumo.cli.package:main", "Build, inspect and add update packages."),
    "keys": Row("fumo.cli.keys:main", "Make keys that sign packages, and give them roles."),
    "campaign": Row("fumo.cli.campaign:main", "Order an update to devices, and watch it."),
    "notify": Row("fumo.cli.notify:main", "Ask a device for a session now."),
    "operations": Row("fumo.cli.operations:main", "List what was ordered and what came of it."),
    "incidents": Row("fumo.cli.incidents:main", "Say what people must look at."),
    "events": Row("fumo.cli.events:main", "Say what happened, and what happens now."),
    "webhooks": Row("fumo.cli.webhooks:main", "Tell addresses what happens."),
    "users": Row("fumo.cli.users:main", "Say who may use the server, and as what."),
    "tokens": Row("fumo.cli.tokens:main", "Make and revoke tokens for programs."),
    "session": Row("fumo.cli.session:main", "Work by your password, for a while."),
    "depot": Row("fumo.cli.depot:main", "Look after the store of packages."),
    "quotas": Row("fumo.cli.quotas:main", "Say how much there may be of what."),
    "audit": Row("fumo.cli.audit:main", "Say who changed what, and when."),
    "db": Row("fumo.cli.db:main", "Bring the server's database to this version."),
    "device": Row("fumo.cli.device:light_main", "Be a device: run the update client."),
    "decode": Row("fumo.cli.decode:main", "Print a SyncML message, XML or WBXML."),
}
"""In the order of `--help`: what to try first comes first."""


class LazyGroup(click.Group):
    """A group whose commands are in `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands that are there."""
        return [name for name, row in COMMANDS.items() if is_there(row)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        row = COMMANDS.get(cmd_name)
        return load(cmd_name, row) if row and is_there(row) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, without importing what it names."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].says) for name in self.list_commands(ctx)])


def is_there(row: Row) -> bool:
    """Whether the module of a row exists."""
    return find_spec(row.where.partition(":")[0]) is not None


def load(name: str, row: Row) -> click.Command:
    """The command of a row."""
    module, _, attribute = row.where.partition(":")
    found: object = getattr(import_module(module), attribute)
    if isinstance(found, click.Command):
        return found
    assert callable(found)
    return plain(name, found)


def plain(name: str, run: Callable[[list[str]], int | None]) -> click.Command:
    """A command that reads its own words, `--help` among them."""
    rest = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)

    def call(words: tuple[str, ...]) -> None:
        raise SystemExit(run(list(words)) or 0)

    return click.Command(
        name,
        params=[rest],
        callback=call,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )


@click.command(cls=LazyGroup)
@click.version_option(package_name="fumo")
def fumo() -> None:
    """Firmware updates over OMA DM: every order carried out once, and reported once."""
