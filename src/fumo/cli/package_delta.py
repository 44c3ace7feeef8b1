"""`fumo package delta`: a smaller way from one package to another, made here, in limits."""

from pathlib import Path

import click
import msgspec

from fumo.cli.asking import output_option
from fumo.cli.telling import fail, tell
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
