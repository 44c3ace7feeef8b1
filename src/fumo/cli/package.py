"""`fumo package`: add update packages to the depot, and list them."""

from pathlib import Path

import click

from fumo.cli.admin import Admin, data_option, fail, output_option, print_json, print_table
from fumo.depot.store import PackageStore
from fumo.errors import DecodeError
from fumo.package.manifest import HEAD_LENGTH_MAX, Manifest, check_image, read_head

PIECE = 1 << 20


@click.group()
def main() -> None:
    """Build, inspect and add update packages."""


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="The package's name.")
@click.option("--version", required=True, help="The version that it brings.")
@click.option("--raw", is_flag=True, help="Any file, sent as it is.")
@data_option
def add(file: Path, name: str, version: str, raw: bool, data: Path) -> None:
    """Copy FILE into the depot, so that campaigns can order it."""
    manifest = None if raw else _manifest(file)
    admin = Admin(data)
    admin.get("/packages")  # before anything is copied: is there a server?
    with file.open("rb") as content:
        stored = PackageStore(data / "depot").add(content)
    package = {
        "id": 0,
        "name": name,
        "version": version,
        "sha256": stored.sha256,
        "length": stored.length,
        "model": manifest.model if manifest else None,
        "from_version": manifest.from_version if manifest else None,
    }
    added = admin.post("/packages", package)
    click.echo(f"package {added['id']}: {name} {version}, {stored.length:,} bytes")


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
@data_option
@output_option
def list_(data: Path, output: str) -> None:
    """Print the packages."""
    packages = Admin(data).get("/packages")
    if output == "json":
        print_json(packages)
        return
    rows = [
        (p["id"], p["name"], p["version"], f"{p['length']:,}", p["model"] or "any (raw)",
         p["sha256"][:16])
        for p in packages
    ]  # fmt: skip
    columns = ("ID", "NAME", "VERSION", "BYTES", "MODEL", "SHA-256")
    print_table(columns, rows, "no package yet")
