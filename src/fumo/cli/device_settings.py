"""The settings of a device for one command line: its file, the environment, its flags.

Without `--config` the file is the one that FUMO_DEVICE_CONFIG names, or else `DEFAULT_FILE` where
there is one; an empty name is no file.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import NamedTuple

from fumo.cli.toml_file import read_toml
from fumo.device.coherence import incoherent
from fumo.device.reading import CONFIG_ENV, Flaw, SettingsError, Told, leaves, read
from fumo.device.settings import Settings

DEFAULT_FILE = Path("/etc/fumo/device.toml")


class Flag(NamedTuple):
    """What a flag sets, and what `--help` says. A `kind` other than text takes no value."""

    path: str
    says: str
    kind: str = "TEXT"


FLAGS = {
    "--server": Flag("server.url", "address of the DM server, http or https; else a bootstrap's"),
    "--user": Flag("server.user", "name the device proves itself by"),
    "--password": Flag("server.user_password", "the device's secret"),
    "--server-password": Flag("server.password", "the secret by which the server proves itself"),
    "--id": Flag("device.id", "this device's DevId, for example IMEI:490154203237518"),
    "--state": Flag("device.state", "folder of the journal and of what is downloaded", "FOLDER"),
    "--slots": Flag(
        "object.slots",
        "folder of the two firmware slots; an empty one gets a factory image, version 0",
        "FOLDER",
    ),
    "--server-id": Flag("server.id", "the server's own name"),
    "--man": Flag("device.man", "manufacturer, as DevInfo tells it"),
    "--model": Flag("device.model", "model; packages name it, too"),
    "--hardware": Flag("device.hardware", "its revision; packages may name it"),
    "--wbxml": Flag("server.wbxml", "speak WBXML instead of XML", ""),
    "--auth": Flag("server.scheme", "how to prove itself first: md5, basic or mac"),
    "--ask": Flag("session.ask", "who answers a server's questions: none or terminal"),
    "--raw-packages": Flag("download.plain_packages", "take an image without Fumo's manifest", ""),
    "--attempts": Flag("download.attempts", "downloads an operation", "COUNT"),
    "--backoff": Flag("download.backoff_s", "first pause, also of sessions", "SECONDS"),
    "--poll": Flag("session.poll_s", "between sessions", "SECONDS"),
    "--max-msg-size": Flag("session.msg_size_max", "the largest message (MaxMsgSize)", "BYTES"),
    "--max-obj-size": Flag(
        "session.obj_size_max", "the largest value, in however many messages (MaxObjSize)", "BYTES"
    ),
    "--push": Flag(
        "session.push", "hear notifications that come there over UDP (port 2948)", "HOST[:PORT]"
    ),
    "--push-gap": Flag(
        "session.push_gap_s", "between two sessions that were asked for so", "SECONDS"
    ),
    "--resync": Flag(
        "session.resync",
        "believe a server that lost its nonces by the nonce that everybody knows; weak",
        "",
    ),
    "--ca": Flag(
        "tls.roots",
        "roots to believe a DM server by, not the system's; packages by either (PEM)",
        "FILE",
    ),
    "--cert": Flag("tls.certificate", "by which the device proves itself in TLS (PEM)", "FILE"),
    "--key": Flag("tls.key", "the certificate's key (PEM)", "FILE"),
    "--log": Flag("log.format", "auto (text on a terminal, else JSON), text or json"),
}
SOCKET = {"--socket": Flag("control.socket", "where the agent is asked how it stands", "PATH")}
ALL = {**FLAGS, **SOCKET}
TOO = {"download.backoff_s": "session.backoff_s"}
"""One flag, two settings."""


def add_all(line: argparse.ArgumentParser) -> None:
    """Every flag that sets something."""
    add_file(line)
    defaults = {path.replace("[0]", ""): value for path, value, _ in leaves(Settings())}
    for name, flag in ALL.items():
        _add(line, name, flag, defaults[flag.path])
    line.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="any setting of the file, such as log.format=json",
    )


def add_file(line: argparse.ArgumentParser) -> None:
    """`--config` alone."""
    words = f"file of settings (TOML); ${CONFIG_ENV}, or {DEFAULT_FILE} where there is one"
    line.add_argument("--config", metavar="FILE", help=words)


def add_socket(line: argparse.ArgumentParser) -> None:
    """What a command needs that asks the agent."""
    add_file(line)
    _add(line, "--socket", SOCKET["--socket"], "")
    line.set_defaults(set=[])


def add_state(line: argparse.ArgumentParser) -> None:
    """What a command needs that works on a device's memory while no agent does."""
    add_file(line)
    _add(line, "--state", FLAGS["--state"], "")
    line.set_defaults(set=[])


def state_of(options: argparse.Namespace) -> str:
    """The folder of the journal. SettingsError: nobody names one."""
    state = told(options, whole=False).settings.device.state
    return _needed(state, "device.state", "is missing: the folder of the journal")


def socket_of(options: argparse.Namespace) -> str:
    """Where the agent is asked. SettingsError: nobody says."""
    socket = told(options, whole=False).settings.control.socket
    return _needed(socket, "control.socket", "is missing: where the agent is asked")


def _needed(value: str, path: str, text: str) -> str:
    if not value:
        raise SettingsError([_missing(path, text)])
    return value


def _add(line: argparse.ArgumentParser, name: str, flag: Flag, default: object) -> None:
    if not flag.kind:
        line.add_argument(name, dest=flag.path, action="store_true", default=None, help=flag.says)
        return
    told = f" (default: {default})" if default not in ("", None) else ""
    line.add_argument(name, dest=flag.path, metavar=flag.kind, help=flag.says + told)


def told(
    options: argparse.Namespace, whole: bool = True, default_file: Path = DEFAULT_FILE
) -> Told:
    """The settings. SettingsError: they make no sense; OSError: the file cannot be read.

    `whole`: they are those of a device that is to run.
    """
    table, origin = _file(options.config, default_file)
    found = read(table, origin, os.environ, _flags(options))
    if whole and (flaws := [_placed(found, *one) for one in incoherent(found.settings)]):
        raise SettingsError(flaws)
    return found


def _flags(options: argparse.Namespace) -> dict[str, tuple[str, object]]:
    values = vars(options)
    laid: dict[str, tuple[str, object]] = {}
    for name, flag in ALL.items():
        if (value := values.get(flag.path)) is not None:
            laid[flag.path] = (name, value)
            if flag.path in TOO:
                laid[TOO[flag.path]] = (name, value)
    for word in options.set:
        path, equals, value = word.partition("=")
        if not equals or "." not in path:
            raise SettingsError([Flaw("--set", "", f"{word!r} is no PATH=VALUE")])
        laid[path] = ("--set", value)
    return laid


def _file(name: str | None, default_file: Path) -> tuple[dict[str, object], str]:
    if name is None:
        name = os.environ.get(CONFIG_ENV)
    if name is None:
        name = str(default_file) if default_file.exists() else ""
    if not name:
        return {}, ""
    file = read_toml(name)
    if file.open_to_others:
        _warn_of_readers(name, file.table)
    return file.table, name


def _warn_of_readers(name: str, table: dict[str, object]) -> None:
    """A file with secrets that others may read: said, not refused."""
    server = table.get("server")
    secrets = isinstance(server, dict) and {"password", "user_password"} & set(server)
    if secrets:
        line = f"fumo-device: {name}: holds secrets and others may read it: chmod 600 {name}"
        print(line, file=sys.stderr)


def _placed(found: Told, path: str, text: str) -> Flaw:
    """Where a flaw stands, or how what is missing could be said."""
    if path in found.origins:
        return Flaw(found.origins[path], path, text)
    return _missing(path, text)


def _missing(path: str, text: str) -> Flaw:
    """What is not said anywhere, with how it could be said."""
    plain = path.replace("[0]", "")
    flag = next((name for name, one in ALL.items() if one.path == plain), None)
    variable = f"FUMO_DEVICE_{plain.replace('.', '_').upper()}"
    ways = ", ".join(way for way in ("the file", variable, flag) if way and "[" not in way)
    return Flaw("", path, f"{text} (say it in {ways})")
