"""A file as it is listed: a Fumo package, or a bundle or image as others made it."""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from fumo.errors import DecodeError, FumoError
from fumo.package.listing import Listing, plan_of
from fumo.package.manifest import (
    HEAD_LENGTH_MAX,
    RAUC,
    SWUPDATE,
    Manifest,
    encode,
    read_head,
)

if TYPE_CHECKING:
    from tuf.api.metadata import TargetFile

CHECK_S = 600
CHECKS = {
    RAUC: ("rauc", "info", "--keyring={keyring}", "{file}"),
    SWUPDATE: ("swupdate", "-c", "-k", "{keyring}", "-i", "{file}"),
}
"""How a bundle's own signature is checked, by the program that it is for."""

SUCCESSFUL = "SWUPDATE successful"
"""Under load SWUpdate (2022.12) may end with 1 all the same: then what it said counts."""


class NotListed(FumoError):
    """The file cannot be listed; the text says why."""


class Words(Struct, frozen=True):
    """What was said of a file on the command line."""

    model: str | None = None
    version: str | None = None
    security_counter: int = 0
    format: str = "image"
    keyring: Path | None = None
    check_with: tuple[str, ...] = ()
    deltas: Path | None = None


def listed_file(path: Path, words: Words) -> "TargetFile":
    """Its length, its digest, and its manifest as signed words. NotListed."""
    from tuf.api.metadata import TargetFile

    with path.open("rb") as file:
        sha256, length = hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    custom = _custom(path, words, length, sha256)
    try:
        plan_of(Listing(length, sha256, custom))
    except DecodeError as fault:
        raise NotListed(f"{path}: {fault}") from fault
    return TargetFile(length, {"sha256": sha256}, path.name, {"custom": custom})


def _custom(path: Path, words: Words, length: int, sha256: str) -> dict[str, Any]:
    manifest = _inside(path) if words.model is None else _said(path, words, length, sha256)
    custom: dict[str, Any] = msgspec.json.decode(encode(manifest))
    if words.deltas is not None:
        told = msgspec.json.decode(words.deltas.read_bytes())
        custom["deltas"] = told if isinstance(told, list) else [told]
    return custom


def _inside(path: Path) -> Manifest:
    try:
        with path.open("rb") as file:
            return read_head(file.read(HEAD_LENGTH_MAX))[0]
    except DecodeError as fault:
        why = f"{path} is no package: {fault}; with --model and --version it is listed as it is"
        raise NotListed(why) from fault


def _said(path: Path, words: Words, length: int, sha256: str) -> Manifest:
    """A foreign file; the program that it is for says whether it is signed."""
    if words.model is None or words.version is None:
        raise NotListed(f"{path}: --model and --version go together")
    if words.keyring is not None:
        check_bundle(path, words.format, words.keyring, words.check_with)
    return Manifest(
        words.model, words.version, length, sha256, security_counter=words.security_counter,
        format=words.format,
    )  # fmt: skip


def check_bundle(path: Path, format_: str, keyring: Path, more: tuple[str, ...] = ()) -> None:
    """NotListed unless its own signature is good; `more` words are for the program that checks."""
    if format_ not in CHECKS:
        raise NotListed("--keyring is for bundles: say --format rauc or swupdate")
    command = [word.format(file=path, keyring=keyring) for word in CHECKS[format_]] + [*more]
    try:
        done = _run(command)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise NotListed(f"{path}: {command[0]} cannot check it: {fault}") from fault
    said = (done.stdout + done.stderr).decode(errors="replace")
    if done.returncode and not (SUCCESSFUL in said and "ERROR" not in said):
        last = said.strip().splitlines()[-1:] or ["?"]
        raise NotListed(f"{path}: {command[0]} does not believe it: {last[0]}")


def _run(command: list[str]) -> "subprocess.CompletedProcess[bytes]":
    """In a folder of its own: SWUpdate makes sockets there, and two would meet."""
    with tempfile.TemporaryDirectory() as folder:
        own = os.environ | {"TMPDIR": folder}
        return subprocess.run(command, capture_output=True, timeout=CHECK_S, check=False, env=own)
