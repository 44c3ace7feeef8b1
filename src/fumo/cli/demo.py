"""`fumo demo`: the fleet, the faults and the proof, in under a minute."""

from pathlib import Path

import click

from fumo.fleet.cast import DEVICES_MIN


@click.command("demo")
@click.option("--exit", "ends", is_flag=True, help="End by itself; else the page stays up.")
@click.option(
    "--devices", default=20, show_default=True, type=click.IntRange(DEVICES_MIN, 200), help="Fleet."
)
@click.option("--seed", default=8, show_default=True, help="The same seed makes the same faults.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep everything, evidence included, in this empty folder.",
)
def main(ends: bool, devices: int, seed: int, keep: Path | None) -> None:
    """Update a fleet through a bad network, and prove what was promised.

    The last line tells the results; the exit code is 1 if a promise was broken.
    """
    from fumo.fleet.demo import Options, run

    raise SystemExit(run(Options(devices=devices, seed=seed, stay=not ends, keep=keep)))
