"""A file of settings, read: its tables, and whether others may read it, too. Knows no program."""

import os
import stat
from pathlib import Path
from typing import Any, NamedTuple

from fumo.device.reading import Flaw, SettingsError, parse_toml

FILE_BYTES_MAX = 1024 * 1024
OTHERS = stat.S_IRGRP | stat.S_IROTH


class TomlFile(NamedTuple):
    """What a file holds; `open_to_others`: its mode lets more than its owner read it."""

    table: dict[str, Any]
    open_to_others: bool


def read_toml(name: str) -> TomlFile:
    """SettingsError: it is no TOML; OSError, with its name: it cannot be read."""
    body, mode = _read(Path(name))
    if len(body) > FILE_BYTES_MAX:
        raise SettingsError([Flaw(name, "", f"more than {FILE_BYTES_MAX} bytes")])
    try:
        return TomlFile(parse_toml(body.decode(), name), bool(mode & OTHERS))
    except UnicodeDecodeError as error:
        raise SettingsError([Flaw(name, "", f"no UTF-8: {error}")]) from error


def _read(path: Path) -> tuple[bytes, int]:
    try:
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX + 1), os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise OSError(f"{path}: {error.strerror or error}") from error
