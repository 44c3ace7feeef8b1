"""`fumo keys`: the keys that sign packages, and which roles they have."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fumo.cli.asking import output_option
from fumo.cli.signing import (
    PASSPHRASE,
    desk_argument,
    key_files,
    keys_option,
    passphrase,
    passphrase_option,
    plainly,
)
from fumo.cli.telling import fail, tell, tell_rows

if TYPE_CHECKING:
    from fumo.depot.tuf.key_files import KeyFiles
    from fumo.depot.tuf.signing import Given

ROLES = ("root", "targets", "snapshot", "timestamp")

role_option = click.option(
    "--role", "given", multiple=True, required=True, metavar="ROLE=KEY,…[:THRESHOLD]",
    help="The keys of a role, and how many of them must sign: root=ann,bob,eve:2.",
)  # fmt: skip


@click.group()
def main() -> None:
    """Make keys that sign packages, and say which roles they have."""


@main.command()
@click.argument("name")
@keys_option
@passphrase_option
@click.option("--no-passphrase", is_flag=True,
              help="For keys that sign with nobody there: snapshot, timestamp.")  # fmt: skip
@output_option
def new(
    name: str, keys: Path, passphrase_file: Path | None, no_passphrase: bool, output: str
) -> None:
    """Make the key NAME: NAME.pem, to be kept secret, and NAME.pub."""
    with plainly():
        said = None if no_passphrase else passphrase(name, passphrase_file, confirm=True)
        if not said and not no_passphrase:
            fail(f"a passphrase is needed: --passphrase-file, {PASSPHRASE} or --no-passphrase")
        key = key_files(keys, passphrase_file).make(name, said)
    tell(output, {"name": name, "id": key.keyid}, f"{keys / name}.pem: key {key.keyid}")


@main.command("list")
@keys_option
@output_option
def list_(keys: Path, output: str) -> None:
    """Print the keys that are known here, and which can sign here."""
    with plainly():
        files = key_files(keys, None)
        told: list[dict[str, Any]] = [
            {"name": name, "id": files.public(name).keyid, "signs": files.signs(name)}
            for name in files.names()
        ]
    rows = [(one["name"], one["id"][:16], "yes" if one["signs"] else "no") for one in told]
    tell_rows(output, told, ("NAME", "ID", "SIGNS HERE"), rows, "no key yet")


@main.command()
@desk_argument
@role_option
@keys_option
@passphrase_option
@output_option
def begin(
    repository: Path, given: tuple[str, ...], keys: Path, passphrase_file: Path | None, output: str
) -> None:
    """Write the first root into REPOSITORY, from which devices are born.

    Each of root, targets, snapshot and timestamp needs its keys.
    """
    _root("begin", repository, given, key_files_of(keys, passphrase_file), output)


@main.command()
@desk_argument
@role_option
@keys_option
@passphrase_option
@output_option
def rotate(
    repository: Path, given: tuple[str, ...], keys: Path, passphrase_file: Path | None, output: str
) -> None:
    """Write the next root: these roles get these keys, and lose those that they had.

    It is signed by what is held of the keys before it and of its own. After new keys of targets,
    sign the list again.
    """
    _root("rotate", repository, given, key_files_of(keys, passphrase_file), output)


def key_files_of(keys: Path, passphrase_file: Path | None) -> "KeyFiles":
    """The same, and one line when the extra is missing."""
    with plainly():
        return key_files(keys, passphrase_file)


def _root(
    how: str, repository: Path, given: tuple[str, ...], files: "KeyFiles", output: str
) -> None:
    with plainly():
        from fumo.depot.tuf import signing
        from fumo.depot.tuf.places import Desk

        desk, now = Desk(repository), _now()
        roles = dict(_given(one, files) for one in given)
        make = signing.begin if how == "begin" else signing.rotate
        root = make(desk, roles, files, now)
        lacks = signing.lacks(desk, root, "root")
    told: dict[str, Any] = {"version": root.signed.version, "complete": not lacks}
    words = "; others must sign it too: fumo package sign" if lacks else ""
    tell(output, told, f"{repository}: root {root.signed.version}{words}")


def _given(said: str, files: "KeyFiles") -> "tuple[str, Given]":
    from fumo.depot.tuf.signing import Given

    role, _, rest = said.partition("=")
    names, _, threshold = rest.partition(":")
    if role not in ROLES or not names or not (threshold or "1").isdecimal():
        raise click.UsageError(f"--role {said} is no role and its keys, such as root=ann,bob:2")
    return role, Given(tuple(files.public(name) for name in names.split(",")), int(threshold or 1))


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)
