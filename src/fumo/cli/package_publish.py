"""`fumo package publish`, `verify`, `inspect`, `fumo depot refresh`: what devices are given."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, output_option
from fumo.cli.signing import (
    FILE,
    desk_argument,
    key_files,
    keys_option,
    passphrase_option,
    place,
    plainly,
    published,
)
from fumo.cli.telling import REFUSED, tell, tell_rows, until, warn

store_argument = click.argument("store", metavar="STORE")
days_option = click.option("--days", type=click.FloatRange(0, 3650, min_open=True), default=1.0,
                           show_default=True, help="How long the timestamp is good.")  # fmt: skip
snapshot_days_option = click.option(
    "--snapshot-days", type=click.FloatRange(0, 3650, min_open=True), default=7.0,
    show_default=True, help="How long the snapshot is good.",
)  # fmt: skip


@click.command()
@desk_argument
@click.option("--to", required=True, metavar="STORE", help="A folder, or s3://BUCKET/PREFIX.")
@keys_option
@passphrase_option
@days_option
@snapshot_days_option
@output_option
def publish(
    repository: Path, to: str, keys: Path, passphrase_file: Path | None, days: float,
    snapshot_days: float, output: str,
) -> None:  # fmt: skip
    """Give devices what is signed in REPOSITORY, by a new snapshot and timestamp.

    What they would not believe is not written. Cut off, it is begun again by the same command.
    """
    with plainly():
        from fumo.depot.tuf import publishing
        from fumo.depot.tuf.places import Desk

        files, online = key_files(keys, passphrase_file), publishing.Online(snapshot_days, days)
        now = datetime.now(UTC)
        names = publishing.publish(Desk(repository), published(to), files, now, online)
    tell(output, {"written": names}, f"{to}: {', '.join(names)}")


@click.command()
@store_argument
@keys_option
@passphrase_option
@days_option
@snapshot_days_option
@output_option
def refresh(
    store: str, keys: Path, passphrase_file: Path | None, days: float, snapshot_days: float,
    output: str,
) -> None:  # fmt: skip
    """Sign snapshot and timestamp of STORE anew, before they end: a few times a day.

    It needs the keys of those two roles, and no others.
    """
    with plainly():
        from fumo.depot.tuf import publishing

        files, online = key_files(keys, passphrase_file), publishing.Online(snapshot_days, days)
        names = publishing.refresh(published(store), files, datetime.now(UTC), online)
    tell(output, {"written": names}, f"{store}: {', '.join(names)}")


@click.command()
@store_argument
@click.argument("file", type=FILE, required=False)
@click.option("--root", type=FILE, required=True, help="The root that devices are born with.")
@output_option
def verify(store: str, file: Path | None, root: Path, output: str) -> None:
    """Would a device believe what STORE gives, and FILE by its name?"""
    with plainly():
        from fumo.depot.tuf import looking

        told = looking.verify(published(store), root.read_bytes(), file.name if file else None)
        if file is not None and told is not None:
            looking.verify_file(file, told)
    what = f"{file.name} of {store}" if file else store
    tell(output, {"believed": True}, f"{what} is believed")


@click.command()
@store_argument
@output_option
def inspect(store: str, output: str) -> None:
    """Print how each role of STORE, or of a folder of signers, stands, and when it ends.

    Ends with 1 when one has expired.
    """
    with plainly():
        from fumo.depot.tuf import looking

        roles = looking.roles(place(store), datetime.now(UTC))
    rows = [
        (r.role, r.version, r.expires[:16], f"{r.days_left:.1f}", r.standing.value,
         f"{r.signed} of {r.threshold}")
        for r in roles
    ]  # fmt: skip
    columns = ("ROLE", "VERSION", "EXPIRES", "DAYS LEFT", "STANDING", "SIGNED")
    tell_rows(output, msgspec.to_builtins(roles), columns, rows, "nothing")
    for role in (r for r in roles if r.standing != "good"):
        warn(f"{role.role} {'has expired' if role.standing == 'expired' else 'expires soon'}")
    if any(role.standing == "expired" for role in roles):
        sys.exit(REFUSED)


@click.command()
@asks
def metadata(admin: Admin, output: str) -> None:
    """Print how each role of signed metadata stands, as the server read it last."""
    told = admin.get("/packages/metadata")
    rows = [(r["role"], r["version"], until(r["expires_at_s"]), r["standing"])
            for r in told["items"]]  # fmt: skip
    tell_rows(output, told, ("ROLE", "VERSION", "EXPIRES", "STANDING"), rows, "nothing is signed")
    if told["fault"]:
        warn(told["fault"])
