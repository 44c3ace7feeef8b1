"""`fumo devices bootstrap`: the document of a device's first account, into a file or a QR code.

What it says opens the device's account, so a file is its owner's alone, and no secret is asked for
on the command line.
"""

import os
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import FILE, asks
from fumo.cli.telling import fail, tell, warn

PICTURES = {".svg": "svg", ".png": "png"}
KINDS = click.Choice(["cp", "dm"])
PROOFS = click.Choice(["md5", "mac", "basic"])
SCALE = 6


@click.command()
@click.argument("device", metavar="ID")
@click.option("--url", required=True, envvar="FUMO_DM_URL", show_envvar=True,
              help="Where the device finds its server: https://NAME/dm.")  # fmt: skip
@click.option("--kind", type=KINDS, default="cp", show_default=True,
              help="Which of the two standards writes it.")  # fmt: skip
@click.option("--name", default="", help="The server's name for people.")
@click.option("--proof", type=PROOFS, default="md5", show_default=True,
              help="What the device proves itself by.")  # fmt: skip
@click.option("--imsi", default="", help="The network's key is made of this IMSI, not of a PIN.")
@click.option("--network-secret-file", type=FILE,
              help="The network's key is the secret in this file, not a PIN.")  # fmt: skip
@click.option("--pin/--no-pin", "makes_pin", default=None,
              help="Make a PIN for its user: by default, without a network's key.")  # fmt: skip
@click.option("--again", is_flag=True,
              help="Also for a device that has come: its old secrets end.")  # fmt: skip
@click.option("--to", default="", help="Send it there, too, such as sms:+491700000000; 'wake': by "
              "the way its attribute says.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="A new file for it: a QR code if it "
              "ends in .svg or .png, text in .txt, else the push as it is.")  # fmt: skip
@asks
def bootstrap(
    device: str, url: str, kind: str, name: str, proof: str, imsi: str,
    network_secret_file: Path | None, makes_pin: bool | None, again: bool, to: str,
    out: Path | None, admin: Admin, output: str,
) -> None:  # fmt: skip
    """Make the document that brings the device ID its account, with new secrets, and show it once.

    Without --out it is a QR code on the terminal; it is not made when it could not be shown.
    """
    _ready(out, output)
    secret = network_secret_file.read_text().strip() if network_secret_file else ""
    wanted = {
        "device": device, "url": url, "kind": kind, "name": name, "proof": proof, "imsi": imsi,
        "network_secret": secret, "again": again, "to": to,
        "makes_pin": not (imsi or secret) if makes_pin is None else makes_pin,
    }  # fmt: skip
    told = admin.post_once("/bootstraps", wanted)
    if told["trouble"]:
        warn(f"it was not sent: {told['trouble']}")
    if out is not None:
        _write(out, told)
    elif output == "table":
        _draw(told["text"])
    tell(output, told, _words(told, out))


def _words(told: dict[str, Any], out: Path | None) -> str:
    lines = [f"account of {told['device']}" + (f" in {out}" if out else "")]
    lines += [f"sent to {told['sent']}"] if told["sent"] else []
    lines += [f"PIN {told['pin']}: tell it to the user by another way"] if told["pin"] else []
    return "\n".join(lines)


def _ready(out: Path | None, output: str) -> None:
    """Whatever can be known to fail does so before there are new secrets."""
    if out is not None and out.exists():
        fail(f"{out} is there: an account is written into a new file only")
    if out is not None and not os.access(out.absolute().parent, os.W_OK):
        fail(f"no file can be made in {out.absolute().parent}")
    if (out is None and output == "table") or (out is not None and out.suffix in PICTURES):
        _segno()


def _segno() -> Any:
    try:
        import segno  # an extra
    except ImportError:
        fail("a QR code needs the extra 'qr': pip install 'fumo[qr]'; or say --out FILE.txt")
    return segno


def _draw(text: str) -> None:
    _segno().make(text, micro=False, error="l").terminal(out=sys.stdout, compact=True)


def _write(out: Path, told: dict[str, Any]) -> None:
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            if out.suffix in PICTURES:
                code = _segno().make(told["text"], micro=False, error="m")
                code.save(file, kind=PICTURES[out.suffix], scale=SCALE)
            else:
                text = out.suffix == ".txt"
                file.write(told["text"].encode() + b"\n" if text else b64decode(told["push"]))
    except OSError as fault:
        fail(f"{out}: {fault.strerror}; make the document again with --again")
