"""`fumo serve --config FILE`: every option of `serve` out of a file (TOML) or the environment, too.

    --option  >  FUMO_SERVE_<OPTION>  >  [serve] of the file  >  the default

`settled` gives that to a command: an option that is added to `serve` is a setting without another
word. The file's other tables are read by their owners (`serve_sections`): `section(Kind)` is theirs
once the command runs. A name that nobody knows is an error, since a typing error would be silence.
"""

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import click
from click.core import ParameterSource
from msgspec import Struct

from fumo.cli.serve_sections import Sections, kinds, read_sections
from fumo.cli.telling import fail, warn
from fumo.cli.toml_file import TomlFile, read_toml
from fumo.device.reading import HIDDEN, Flaw, SettingsError, leaves, like

T = TypeVar("T", bound=Struct)

SERVE = "serve"
PREFIX = "FUMO_SERVE_"
NO_SETTINGS = ("config", "link", "origin", "o")
"""Options that say what to do or to show, not how to be."""
SENSELESS = 2  # an exit code, as of a command line that makes no sense
KEY = "fumo.cli.serve_file"


class Read(NamedTuple):
    """What `--config` came to: the name of the file, and the tables of the owners."""

    file: str
    sections: Sections


def settled(command: click.Command) -> click.Command:
    """The same command, whose options may stand in a file and the environment."""
    for key, option in options_of(command).items():
        option.envvar = PREFIX + key.upper()
    command.params.insert(0, config_option())
    return command


def config_option() -> click.Option:
    """`--config FILE`, read before everything else."""
    says = (
        "Settings: each option here stands in its table [serve], with _ for -. A variable "
        f"{PREFIX}OPTION beats it, and an option beats both."
    )
    return click.Option(
        ["--config"], metavar="FILE", help=says, is_eager=True, envvar=f"{PREFIX}CONFIG",
        callback=_read, expose_value=False,
    )  # fmt: skip


def options_of(command: click.Command) -> dict[str, click.Option]:
    """The options of a command that are settings, by the names they have in a file."""
    options = [one for one in command.params if isinstance(one, click.Option)]
    named = {_key(option): option for option in options}
    return {key: option for key, option in named.items() if key not in NO_SETTINGS}


def section(kind: type[T]) -> T:
    """The settings of one owner, for the command that runs."""
    read: Read = click.get_current_context().meta[KEY]
    [found] = [value for value in read.sections.values.values() if isinstance(value, kind)]
    return found


def origin(ctx: click.Context, key: str, option: click.Option) -> str:
    """Where the value of an option is from."""
    sources = {
        ParameterSource.COMMANDLINE: f"--{key.replace('_', '-')}",
        ParameterSource.ENVIRONMENT: str(option.envvar),
        ParameterSource.DEFAULT_MAP: ctx.meta[KEY].file,
    }
    source = ctx.get_parameter_source(option.name or "")
    return sources.get(source, "default") if source else "default"


def _key(option: click.Option) -> str:
    return option.opts[0].lstrip("-").replace("-", "_")


def _read(ctx: click.Context, _: click.Parameter, name: str | None) -> None:
    """Lay the file under the options; ends the program when it makes no sense."""
    if ctx.resilient_parsing:
        return
    try:
        file = read_toml(name) if name else TomlFile({}, False)
        known = kinds()
        flaws = _strangers(file.table, name or "", [SERVE, *known])
        defaults, wrong = _defaults(ctx, file.table.get(SERVE, {}), name or "")
        sections = read_sections(file.table, name or "", os.environ, known)
        flaws += [*wrong, *_strange_variables(ctx), *sections.flaws]
        if flaws:
            raise SettingsError(flaws)
    except (SettingsError, OSError) as fault:
        fail(str(fault), SENSELESS)
    ctx.default_map, ctx.meta[KEY] = defaults, Read(name or "", sections)
    if file.open_to_others and _holds_secrets(file.table, sections, name or ""):
        warn(f"{name}: holds secrets and others may read it: chmod 600 {name}")


def _strangers(names: Mapping[str, Any], file: str, known: list[str]) -> list[Flaw]:
    there = dict.fromkeys(known)
    strange = [name for name in names if name not in there]
    return [Flaw(file, name, f"no table has this name{like(name, there)}") for name in strange]


def _strange_variables(ctx: click.Context) -> list[Flaw]:
    names = {PREFIX + key.upper(): key for key in options_of(ctx.command)}
    said = [name for name in os.environ if name.startswith(PREFIX) and name != f"{PREFIX}CONFIG"]
    return [
        Flaw(name, "", f"no setting has this name{like(name, names)}")
        for name in sorted(said)
        if name not in names
    ]


def _defaults(ctx: click.Context, table: Any, file: str) -> tuple[dict[str, Any], list[Flaw]]:
    """What `[serve]` says, by the names that click knows; and what is wrong in it."""
    if not isinstance(table, dict):
        return {}, [Flaw(file, SERVE, "must be a table, [serve]")]
    known, found, flaws = options_of(ctx.command), {}, []
    for key, value in table.items():
        try:
            if key not in known:
                raise ValueError(f"no setting has this name{like(key, known)}")
            _fits(ctx, known[key], value)
            found[known[key].name or key] = value
        except (ValueError, click.UsageError) as fault:
            text = fault.message if isinstance(fault, click.UsageError) else str(fault)
            flaws.append(Flaw(file, f"{SERVE}.{key}", text))
    return found, flaws


def _fits(ctx: click.Context, option: click.Option, value: Any) -> None:
    """ValueError, UsageError: a value that the option does not take."""
    if option.multiple is not isinstance(value, list):
        raise ValueError("must be a list" if option.multiple else "must be one value, not a list")
    if option.is_flag is not isinstance(value, bool):
        raise ValueError("must be true or false" if option.is_flag else "must not be true or false")
    if isinstance(value, dict):
        raise ValueError("must be a value, not a table")
    option.type_cast_value(ctx, value)


def _holds_secrets(table: Mapping[str, Any], sections: Sections, file: str) -> bool:
    told = [
        path
        for name, value in sections.values.items()
        for path, held, secret in leaves(value, name)
        if secret and held and sections.origins.get(path) == file
    ]
    database = str(table.get(SERVE, {}).get("database", ""))
    return bool(told) or hide_password(database) != database


def hide_password(url: str) -> str:
    """The address of a database, without the password that may stand in it."""
    scheme, slashes, rest = url.partition("://")
    rest = re.sub(r"([?&]password=)[^&]*", rf"\g<1>{HIDDEN}", rest)
    user, at, place = rest.rpartition("@")
    name, colon, _ = user.partition(":")
    told = f"{name}:{HIDDEN}@{place}" if at and colon else rest
    return f"{scheme}{slashes}{told}"
