"""`fumo package sign`: list packages, and sign the list."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fumo.cli.asking import output_option
from fumo.cli.package_listing import Words, listed_file
from fumo.cli.signing import FILE, desk_argument, key_files, keys_option, passphrase_option, plainly
from fumo.cli.telling import tell
from fumo.package.manifest import IMAGE, RAUC, SWUPDATE

if TYPE_CHECKING:
    from tuf.api.metadata import TargetFile

    from fumo.depot.tuf.key_files import KeyFiles
    from fumo.depot.tuf.places import Desk


def _words(_: click.Context, __: click.Parameter, given: str) -> tuple[str, ...]:
    """As a shell would part them."""
    try:
        return tuple(shlex.split(given))
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from fault


@click.command()
@desk_argument
@click.argument("packages", nargs=-1, type=FILE)
@keys_option
@passphrase_option
@click.option(
    "--remove", multiple=True, metavar="NAME", help="List this file no longer: its name or SHA-256."
)
@click.option("--again", is_flag=True, help="The same list anew: new keys, or a later end.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True,
              help="How long the list is good.")  # fmt: skip
@click.option("--deltas", type=FILE, help="What fumo package delta -o json said: one, or a list.")
@click.option("--model", help="What a bundle or image is for that has no manifest.")
@click.option("--version", help="The version that it brings.")
@click.option("--security-counter", type=click.IntRange(0), default=0, show_default=True,
              help="Devices that have seen a higher one refuse it.")  # fmt: skip
@click.option("--format", "format_", default=IMAGE, show_default=True,
              type=click.Choice([IMAGE, RAUC, SWUPDATE]), help="Who installs it.")  # fmt: skip
@click.option("--keyring", type=FILE,
              help="A bundle must be signed by this certificate or key.")  # fmt: skip
@click.option("--check-with", default="", metavar="WORDS", callback=_words,
              help="What the check of the bundle wants to know besides: swupdate judges for one "
              "kind of device only, such as '-H lamp:r1 -e stable,copy-a'.")  # fmt: skip
@output_option
def sign(
    repository: Path, packages: tuple[Path, ...], keys: Path, passphrase_file: Path | None,
    remove: tuple[str, ...], again: bool, days: int, deltas: Path | None, model: str | None,
    version: str | None, security_counter: int, format_: str, keyring: Path | None,
    check_with: tuple[str, ...], output: str,
) -> None:  # fmt: skip
    """List PACKAGES in REPOSITORY, and sign the list by the keys that are here.

    Each is listed by its SHA-256, as our server names it, and by the name of its file.

    Without any it adds what signatures the newest root and list lack and these keys can give.
    """
    words = Words(model, version, security_counter, format_, keyring, check_with, deltas)
    with plainly():
        from fumo.depot.tuf import signing
        from fumo.depot.tuf.places import Desk

        desk, files = Desk(repository), key_files(keys, passphrase_file)
        if not (packages or remove or again):
            names = signing.countersign(desk, files)
            told = ", ".join(names) or "nothing: these keys sign nothing more here"
            tell(output, {"signed": names}, f"{repository}: signed {told}")
            return
        number = _list(desk, packages, remove, words, files, days)
    tell(output, {"version": number}, f"{repository}: list {number}{_lacking(desk, number)}")


def _list(
    desk: "Desk", packages: tuple[Path, ...], remove: tuple[str, ...], words: Words,
    keys: "KeyFiles", days: int,
) -> int:  # fmt: skip
    from fumo.depot.tuf import places, signing

    before = desk.version()
    files = places.files(places.listed(desk, before)) if before else {}
    for name in remove:
        _remove(files, name)
    for path in packages:
        file = listed_file(path, words)
        files |= {path.name: file, file.hashes["sha256"]: file}
    return signing.list_files(desk, files, keys, datetime.now(UTC), days)


def _remove(files: dict[str, "TargetFile"], name: str) -> None:
    """The file of this name or digest, by all its names."""
    from fumo.depot.tuf import places

    if name not in files:
        raise places.Refused(f"{name} is not listed")
    sha256 = files[name].hashes["sha256"]
    for each in [each for each, file in files.items() if file.hashes["sha256"] == sha256]:
        del files[each]


def _lacking(desk: "Desk", version: int) -> str:
    from fumo.depot.tuf import places, signing

    lacks = signing.lacks(desk, places.listed(desk, version)["targets"], "targets")
    return "; others must sign it too: fumo package sign" if lacks else ""
