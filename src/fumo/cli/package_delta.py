"""`fumo package delta` makes a smaller way to a package here; `deltas` tells of a server's."""

from pathlib import Path
from typing import Any

import click
import msgspec

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, output_option
from fumo.cli.telling import fail, print_json, tell, tell_rows
from fumo.depot.deltas.limits import Limits
from fumo.depot.deltas.maker import Maker
from fumo.package.delta import NotMade, route
from fumo.package.plan import Format

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DEFAULTS = Limits()


@click.command()
@click.argument("base", type=FILE)
@click.argument("package", type=FILE)
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="The folder to write it into: it is named by its SHA-256.")  # fmt: skip
@click.option("--format", "format_", type=click.Choice([one.value for one in Format]),
              default=Format.ZSTD.value, show_default=True,
              help="bsdiff4 asks more of the maker, and less of the device.")  # fmt: skip
@click.option("--memory", type=click.IntRange(64), default=DEFAULTS.memory_mib, show_default=True,
              metavar="MIB", help="So much memory at most.")  # fmt: skip
@click.option("--seconds", type=click.IntRange(1), default=DEFAULTS.seconds, show_default=True,
              help="So long at most.")  # fmt: skip
@click.option("--level", type=click.IntRange(1, 19), default=DEFAULTS.level, show_default=True,
              help="How hard zstd tries.")  # fmt: skip
@output_option
def delta(
    base: Path, package: Path, to: Path, format_: str, memory: int, seconds: int, level: int,
    output: str,
) -> None:  # fmt: skip
    """Write the delta by which devices that run BASE come to PACKAGE.

    With -o json it prints what stands in `deltas` of the package's signed words.
    """
    limits = Limits(memory_mib=memory, seconds=seconds, level=level, nice=0)
    try:
        to.mkdir(parents=True, exist_ok=True)
        aside = to / "new.delta"
        made = Maker(limits).make_file(base, package, aside, Format(format_))
        aside.replace(to / made.sha256)
    except (NotMade, OSError) as fault:
        fail(f"no delta is written: {fault}")
    full = package.stat().st_size
    words = (
        f"{to / made.sha256}: {made.length:,} bytes, {made.length * 100 / full:.1f} % of"
        f" {full:,}, in {made.seconds:.1f} s and {made.memory_bytes >> 20} MiB"
    )
    tell(output, msgspec.to_builtins(route(made)), words)


COLUMNS = ("FROM", "FORMAT", "STATE", "BYTES", "SHARE", "SECONDS", "MIB", "WHY")


@click.command()
@click.argument("package", type=int)
@click.option("--base", type=int, help="Have one made from this package, anew if it was given up.")
@click.option("--format", "format_", type=click.Choice([one.value for one in Format]),
              default=Format.ZSTD.value, show_default=True,
              help="Of the one that --base wants.")  # fmt: skip
@asks
def deltas(package: int, base: int | None, format_: str, admin: Admin, output: str) -> None:
    """Print the deltas that lead to PACKAGE (a number), and what they cost.

    `listing` of -o json is what stands in `deltas` of the package's signed words.
    """
    if base is not None:
        order = {"base": base, "format": format_}
        told = admin.post(f"/packages/{package}/deltas", order)
        tell(output, told, f"delta {told['id']} from package {base}: {told['state']}")
        return
    told = admin.get(f"/packages/{package}/deltas")
    if output == "json":
        print_json(told)
        return
    rows = [_row(one, told["package"]["length"]) for one in told["items"]]
    tell_rows(output, told["items"], COLUMNS, rows, "no delta yet")


def _row(one: dict[str, Any], full: int) -> tuple[Any, ...]:
    """A delta in `COLUMNS`."""
    start = (one["base_id"], one["format"], one["state"])
    if one["length"] is None:
        return (*start, "", "", "", "", one["reason"])
    share = f"{one['length'] * 100 / full:.1f} %"
    cost = (f"{one['seconds']:.1f}", one["memory_bytes"] >> 20)
    return (*start, f"{one['length']:,}", share, *cost, one["reason"])
