"""`fumo config show` and `fumo config init`: the settings of a server, and where each is from."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from fumo.cli import serve
from fumo.cli.asking import output_option
from fumo.cli.serve_file import KEY, SERVE, hide_password, options_of, origin
from fumo.cli.serve_sections import FILE, kinds
from fumo.cli.telling import fail, print_json, tell_rows
from fumo.device.reading import HIDDEN, leaves

COLUMNS = ("setting", "value", "from")
WIDTH = 96


class Row(NamedTuple):
    """One setting as it is shown."""

    path: str
    value: Any
    origin: str


@click.group()
def main() -> None:
    """Say how a server is set up, and begin its file of settings."""


@main.command(params=[one for one in serve.main.params if one.name != "link"])
@click.option("--origin", "with_origin", is_flag=True, help="Say where each value is from.")
@output_option
@click.pass_context
def show(ctx: click.Context, /, with_origin: bool, output: str, **_: Any) -> None:
    """All settings as `fumo serve` would have them with the same options; no secret is shown."""
    rows = [*_options(ctx), *_sections(ctx)]
    if output == "json":
        print_json({path: {"value": value, "origin": where} for path, value, where in rows})
        return
    count = 3 if with_origin else 2
    cells = [(path, json.dumps(value), where)[:count] for path, value, where in rows]
    tell_rows(output, rows, COLUMNS[:count], cells, "")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def init(file: Path | None) -> None:
    """Write a file of settings: each with its default, as a comment. Without FILE, print it."""
    text = "\n".join(_written())
    if file is None:
        click.echo(text)
        return
    try:
        file.touch(mode=0o600, exist_ok=False)
        file.write_text(text + "\n")
    except OSError as fault:
        fail(f"{file}: {fault.strerror}")
    click.echo(f"{file} written: fumo serve --config {file}")


def _options(ctx: click.Context) -> Iterator[Row]:
    for key, option in options_of(ctx.command).items():
        value = _plain(ctx.params.get(option.name or ""))
        shown = hide_password(value) if key == "database" and value else value
        yield Row(f"{SERVE}.{key}", shown, origin(ctx, key, option))


def _sections(ctx: click.Context) -> Iterator[Row]:
    sections = ctx.meta[KEY].sections
    for name, settings in sections.values.items():
        for path, value, secret in leaves(settings, name):
            shown = HIDDEN if secret and value else value
            yield Row(path, shown, sections.origins.get(path) or "default")


def _plain(value: Any) -> Any:
    """As a file would say it."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if type(value) in (list, tuple):  # a Place is a tuple, too, and has words of its own
        return [_plain(one) for one in value]
    return str(value)


def _written() -> Iterator[str]:
    yield "# The settings of a Fumo server. What is commented out is the default; a variable"
    yield "# FUMO_SERVE_<KEY> or FUMO_<TABLE>_<KEY> of the environment beats this file."
    yield ""
    yield f"[{SERVE}]"
    ctx = click.Context(serve.main)
    for key, option in options_of(serve.main).items():
        yield from textwrap.wrap(option.help or "", WIDTH, initial_indent="# ",
                                 subsequent_indent="# ")  # fmt: skip
        yield f"#{key} = {_toml(_default(ctx, option))}"
    for name, kind in kinds().items():
        yield from _table(name, kind())


def _default(ctx: click.Context, option: click.Option) -> Any:
    value = option.get_default(ctx)
    if value is None or type(value).__name__ == "Sentinel":
        return [] if option.multiple else False if option.is_flag else ""
    return value


def _table(name: str, settings: Any) -> Iterator[str]:
    at = ""
    for path, value, secret in leaves(settings, name):
        table, _, key = path.rpartition(".")
        if table != at:
            yield from ("", f"[{table}]")
            at = table
        yield f"#{key}{FILE if secret else ''} = {_toml('' if secret else value)}"


def _toml(value: Any) -> str:
    """Strings, numbers, truths and lists of them are said in TOML as in JSON."""
    return json.dumps(_plain("" if value is None else value))
