"""`fumo package`: build update packages, add them to the depot, and list them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, limit_option, oldest_option
from fumo.cli.package_delta import delta, deltas
from fumo.cli.package_publish import inspect, metadata, publish, verify
from fumo.cli.package_sign import sign
from fumo.cli.telling import fail, tell, tell_rows
from fumo.cli.uploading import send
from fumo.errors import DecodeError, MisuseError
from fumo.package.manifest import (
    HEAD_LENGTH_MAX,
    IMAGE,
    RAUC,
    SWUPDATE,
    Manifest,
    check_image,
    read_head,
)
from fumo.package.manifest import build as pieces_of

PIECE = 1 << 20
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def main() -> None:
    """Build, add and list update packages, make deltas between them, and sign them."""


for command in (delta, deltas, sign, verify, inspect, publish, metadata):
    main.add_command(command)


@main.command()
@click.argument("image", type=FILE)
@click.option("--model", required=True, help="The model of device that it is for.")
@click.option("--version", required=True, help="The version that it brings.")
@click.option("--from-version", help="Only for devices with this version: by default, any.")
@click.option("--security-counter", type=click.IntRange(0), default=0, show_default=True,
              help="Devices that have seen a higher one refuse it.")  # fmt: skip
@click.option("--hardware", multiple=True, help="A revision that it is for: by default, all.")
@click.option("--base", type=FILE, help="Only for devices on which this image runs.")
@click.option("--format", "format_", default=IMAGE, show_default=True,
              type=click.Choice([IMAGE, RAUC, SWUPDATE]), help="Who installs it.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="The package to write.")  # fmt: skip
def build(
    image: Path, model: str, version: str, from_version: str | None, security_counter: int,
    hardware: tuple[str, ...], base: Path | None, format_: str, output: Path,
) -> None:  # fmt: skip
    """Bind IMAGE to a manifest: what it is for, its length and its SHA-256."""
    _refuse_empty(image)
    if output.exists() and output.samefile(image):
        fail(f"{output} is the image itself: name another file after -o")
    length, sha256 = _measure(image)
    manifest = Manifest(
        model, version, length, sha256, from_version, security_counter, hardware,
        _measure(base)[1] if base else None, format_,
    )  # fmt: skip
    try:
        _write(output, manifest, image)
    except (MisuseError, OSError) as fault:
        fail(f"{output} is not written: {fault}")
    click.echo(f"{output}: {model} {version}, an image of {length:,} bytes")


def _measure(image: Path) -> tuple[int, str]:
    running, length = hashlib.sha256(), 0
    for piece in _read(image):
        running.update(piece)
        length += len(piece)
    return length, running.hexdigest()


def _write(output: Path, manifest: Manifest, image: Path) -> None:
    pieces = pieces_of(manifest, _read(image))
    head = next(pieces)  # a manifest that cannot be is refused before the file is touched
    with output.open("wb") as file:
        file.write(head)
        file.writelines(pieces)


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        yield from iter(lambda: content.read(PIECE), b"")


def _refuse_empty(file: Path) -> None:
    if file.stat().st_size == 0:
        fail(f"{file} is empty")


@main.command()
@click.argument("file", type=FILE)
@click.option("--name", required=True, help="The package's name.")
@click.option("--version", required=True, help="The version that it brings.")
@click.option("--raw", is_flag=True, help="Any file, sent as it is.")
@asks
def add(file: Path, name: str, version: str, raw: bool, admin: Admin, output: str) -> None:
    """Copy FILE into the depot, so that campaigns can order it.

    What a broken line cut off goes on where it was, also by the same command later.
    """
    _refuse_empty(file)
    manifest = None if raw else _manifest(file)
    length, sha256 = _measure(file)
    admin.get(
        "/packages", limit=1
    )  # before anything is sent: is there a server, and are we let in?
    send(admin, file, length, sha256)
    package = {
        "id": 0,
        "name": name,
        "version": version,
        "sha256": sha256,
        "length": length,
        "model": manifest.model if manifest else None,
        "from_version": manifest.from_version if manifest else None,
    }
    added = admin.post("/packages", package)
    tell(output, added, f"package {added['id']}: {name} {version}, {length:,} bytes")


def _manifest(file: Path) -> Manifest:
    """The manifest, or the reason why the file is no package, or no whole one."""
    try:
        with file.open("rb") as content:
            manifest, image_at = read_head(content.read(HEAD_LENGTH_MAX))
            content.seek(image_at)
            check_image(manifest, iter(lambda: content.read(PIECE), b""))
    except DecodeError as fault:
        fail(f"{file} is no package: {fault}; add it with --raw to send it as it is")
    return manifest


@main.command("list")
@oldest_option
@limit_option
@asks
def list_(sort: str | None, limit: int, admin: Admin, output: str) -> None:
    """Print the packages."""
    packages = admin.rows("/packages", limit, sort=sort)
    rows = [
        (p["id"], p["name"], p["version"], f"{p['length']:,}", p["model"] or "any (raw)",
         p["sha256"][:16])
        for p in packages
    ]  # fmt: skip
    columns = ("ID", "NAME", "VERSION", "BYTES", "MODEL", "SHA-256")
    tell_rows(output, packages, columns, rows, "no package yet")
