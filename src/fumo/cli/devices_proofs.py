"""`fumo devices make|secrets|bind`: what a device is believed by, made by the server.

Secrets are shown once: on the terminal for one device, in a file of its owner's for many. What is
in the file is on the disk before the next devices are made.
"""

import csv
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import FILE, asks
from fumo.cli.devices_import import rows_of
from fumo.cli.telling import fail, tell

AT_ONCE = 200
NEEDED = ("id",)
COLUMNS = ("id", "user", "profile", "key_sha256", "name", "alone")
SECRETS = ("id", "user", "password", "server_password")
YES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--result", required=True, metavar="FILE", type=click.Path(path_type=Path),
              help="A new file, for id, user, password and server_password of each.")  # fmt: skip
@asks
def make(file: TextIO, result: Path, admin: Admin, output: str) -> None:
    """Let the devices of FILE come, or of standard input (-), with secrets that the server makes.

    FILE is CSV, whose first line names its columns: id and, if you like, user, profile and the
    certificate that the device is bound to: key_sha256 or name, and alone (yes or no). Devices that
    are there already keep their secrets: 'fumo devices secrets' makes them new ones.
    """
    number, known = 0, list[str]()
    with _private(result) as kept:
        try:
            for answer in _made(admin, _wanted(file), kept):
                number += len(answer["made"])
                known += answer["known"]
        except SystemExit:
            if not number:  # refused before anything stood in it
                result.unlink()
            raise
    told = {"made": number, "known": known}
    tell(output, told, f"devices made: {number}, there already: {' '.join(known) or 'none'}")


def _made(admin: Admin, devices: Iterator[dict[str, Any]], kept: TextIO) -> Iterator[Any]:
    """The answers, each of which is on the disk before the next one is asked for."""
    lines = csv.writer(kept)
    lines.writerow(SECRETS)
    while part := list(islice(devices, AT_ONCE)):
        answer = admin.post_once("/identities", {"devices": part})
        lines.writerows([one[name] for name in SECRETS] for one in answer["made"])
        kept.flush()
        os.fsync(kept.fileno())
        yield answer


@click.command()
@click.argument("device", metavar="ID")
@asks
def secrets(device: str, admin: Admin, output: str) -> None:
    """Make new secrets of a device, in place of its old ones, and print them: now and never again.

    The device is believed again when it has them.
    """
    told = admin.post_once("/secrets", {"device": device})
    tell(output, told, "\n".join(f"{name} {told[name]}" for name in SECRETS))


@click.command()
@click.argument("device", metavar="ID")
@click.option("--certificate", type=FILE, help="The device's certificate, PEM: its key is meant.")
@click.option("--key-sha256", help="The SHA-256 of a certificate's public key.")
@click.option("--name", help="The common name of its certificates; * stands for any characters.")
@click.option("--alone", is_flag=True, help="Its certificate is proof enough.")
@click.option("--free", is_flag=True, help="It needs no certificate any more.")
@asks
def bind(
    device: str, certificate: Path | None, key_sha256: str | None, name: str | None, alone: bool,
    free: bool, admin: Admin, output: str,
) -> None:  # fmt: skip
    """Believe nobody in the name of a device who shows another certificate, or none."""
    if [certificate is not None, key_sha256 is not None, name is not None, free].count(True) != 1:
        raise click.UsageError("give one of --certificate, --key-sha256, --name and --free")
    key = _key(certificate) if certificate else key_sha256
    wanted = {"device": device, "key_sha256": key, "name": name, "alone": alone}
    told = admin.post("/bindings", wanted)
    tell(output, told, f"device {device} is bound to {bound(told)}")


def bound(told: dict[str, Any]) -> str:
    """The certificate of a device, in words."""
    binding = told["binding"]
    if binding is None:
        return "no certificate"
    by = f"key {binding['key_sha256']}" if binding["key_sha256"] else f"name {binding['name']}"
    return f"certificates of the {by}" + (", which are proof enough" if binding["alone"] else "")


def _key(file: Path) -> str:
    from fumo.wire.certificate import of_pem

    try:
        return of_pem(file.read_text()).key_sha256
    except (OSError, ValueError) as fault:
        fail(f"{file} holds no certificate: {fault}")


def _wanted(file: TextIO) -> Iterator[dict[str, Any]]:
    for row in rows_of(file, NEEDED, COLUMNS):
        if (alone := row.pop("alone", None)) is not None:
            if alone.lower() not in YES:
                fail(f"{file.name}: alone is yes or no, not {alone}")
            row["alone"] = YES[alone.lower()]
        yield row


def _private(path: Path) -> TextIO:
    """A new file that nobody else can read."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w",
                         encoding="utf-8", newline="")  # fmt: skip
    except OSError as fault:
        fail(f"{path} cannot be made: {fault.strerror}; secrets are written into a new file only")
