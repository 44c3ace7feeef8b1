"""`fumo device run` and `fumo-device run`: be a device. Nothing but msgspec is loaded for it.

`bootstrap` gives a device its account (`fumo.cli.bootstrap`); `run` then needs none on its line.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from fumo.cli import bootstrap, describe
from fumo.device.main import Config, Machine, run, settled
from fumo.dm.auth import BASIC, MAC, MD5
from fumo.dm.wsp import PUSH_PORT
from fumo.tree.acl import is_identity
from fumo.wire.client import REPLY_BYTES_MAX
from fumo.wire.exchange import loopback

SCHEMES = {"md5": MD5, "basic": BASIC, "mac": MAC}
MSG_SIZE_MIN = 1024  # less would hold hardly a header
CANNOT_START = 2

ACCOUNT = {
    "--server": "address of the DM server, http or https; without it the account is a bootstrap's",
    "--user": "name the device proves itself by",
    "--password": "the device's secret",
    "--server-password": "the secret by which the server proves itself",
}
REQUIRED = {
    "--id": "this device's DevId, for example IMEI:490154203237518",
    "--state": "folder of the journal and of what is downloaded",
    "--slots": "folder of the two firmware slots; an empty one gets a factory image, version 0",
}
DEFAULTS = msgspec.structs.asdict(Config("", "", "", "", "", "", ""))


def light_main(words: Sequence[str] | None = None) -> int:
    """The program `fumo-device`: exit code 0, 1 (a result is not delivered yet) or 2."""
    options = parser().parse_args(words)
    try:
        return int(options.do(options))
    except OSError as error:
        print(f"fumo-device: {error}", file=sys.stderr)
        return CANNOT_START


def run_device(options: argparse.Namespace) -> int:
    """Be the device. OSError: it cannot start."""
    config = settled(config_of(options))
    if (trouble := unsafe(config)) is not None:
        raise OSError(trouble)
    return run(config, _stop_by_signal)


def parser() -> argparse.ArgumentParser:
    """All options, each with its default."""
    top = argparse.ArgumentParser(prog="fumo-device", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    bootstrap.add_to(commands)
    describe.add_to(commands)
    line = commands.add_parser(
        "run",
        help="hold sessions, carry out what is ordered, report it",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    line.set_defaults(do=run_device)
    for name, words in ACCOUNT.items():
        line.add_argument(name, help=words, default="")
    for name, words in REQUIRED.items():
        line.add_argument(name, required=True, help=words, default=argparse.SUPPRESS)
    _add_choices(line)
    _add_numbers(line)
    _add_sizes(line)
    _add_push(line)
    _add_tls(line)
    return top


def config_of(options: argparse.Namespace) -> Config:
    """The options in the device's own words; an account is named whole, or not at all."""
    named = [getattr(options, name[2:].replace("-", "_")) for name in ACCOUNT]
    if any(named) and not all(named):
        raise OSError("an account needs " + ", ".join(ACCOUNT))
    if bool(options.cert) is not bool(options.key):
        raise OSError("a certificate needs its key: --cert and --key")
    return Config(
        server_url=options.server,
        device_id=options.id,
        user=options.user,
        password=options.password,
        server_password=options.server_password,
        state=options.state,
        slots=options.slots,
        server_id=options.server_id,
        wbxml=options.wbxml,
        scheme=SCHEMES[options.auth],
        raw_packages=options.raw_packages,
        attempts=options.attempts,
        backoff_s=options.backoff,
        poll_s=options.poll,
        once=options.once,
        man=options.man,
        model=options.model,
        push=options.push,
        push_gap_s=options.push_gap,
        resync=options.resync,
        asks=options.ask == "terminal",
        msg_size_max=options.max_msg_size,
        obj_size_max=options.max_obj_size,
        roots=options.ca,
        certificate=options.cert,
        key=options.key,
    )


def unsafe(config: Config) -> str | None:
    """Why this must not run, if so."""
    parts = urlsplit(config.server_url)
    if not config.device_id.strip():
        return "--id is empty: a device needs the name that its server knows it by"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"--server {config.server_url!r} is no http or https address"
    open_road = parts.scheme == "http" and not loopback(parts.hostname)
    if config.server_id and not is_identity(config.server_id):
        return f"--server-id {config.server_id!r} cannot be named in a list of rights"
    if config.scheme == BASIC and open_road:
        return "--auth basic shows the password to everybody on the way: use https, or md5"
    return None


def _add_choices(line: argparse.ArgumentParser) -> None:
    default = DEFAULTS
    line.add_argument("--server-id", default=default["server_id"], help="the server's own name")
    line.add_argument("--man", default=default["man"], help="manufacturer, as DevInfo tells it")
    line.add_argument("--model", default=default["model"], help="model; packages name it, too")
    line.add_argument("--wbxml", action="store_true", help="speak WBXML instead of XML")
    line.add_argument("--auth", choices=SCHEMES, default="md5", help="how to prove itself first")
    line.add_argument(
        "--ask",
        choices=("none", "terminal"),
        default="none",
        help="who answers a server's questions",
    )
    line.add_argument(
        "--raw-packages", action="store_true", help="take an image without Fumo's manifest"
    )
    line.add_argument(
        "--once", action="store_true", help="end when nothing is owed; at least one session"
    )


def _add_numbers(line: argparse.ArgumentParser) -> None:
    default = DEFAULTS
    line.add_argument(
        "--attempts", type=_at_least_one, default=default["attempts"], help="downloads an operation"
    )
    line.add_argument(
        "--backoff", type=_seconds, default=default["backoff_s"], help="first pause, in seconds"
    )
    line.add_argument(
        "--poll", type=_seconds, default=default["poll_s"], help="seconds between sessions"
    )


def _add_sizes(line: argparse.ArgumentParser) -> None:
    default = DEFAULTS
    line.add_argument(
        "--max-msg-size",
        type=_message_size,
        metavar="BYTES",
        default=default["msg_size_max"],
        help="the largest message that is taken (MaxMsgSize)",
    )
    line.add_argument(
        "--max-obj-size",
        type=_at_least_one,
        metavar="BYTES",
        default=default["obj_size_max"],
        help="the largest value that is taken, in however many messages (MaxObjSize)",
    )


def _add_push(line: argparse.ArgumentParser) -> None:
    default = DEFAULTS
    line.add_argument(
        "--push",
        type=_place,
        metavar="HOST[:PORT]",
        help=f"hear notifications that come there over UDP (port {PUSH_PORT})",
    )
    line.add_argument(
        "--push-gap",
        type=_seconds,
        default=default["push_gap_s"],
        help="seconds between two sessions that were asked for so",
    )
    line.add_argument(
        "--resync",
        action="store_true",
        help="believe a server that lost its nonces by the nonce that everybody knows; weak",
    )


def _add_tls(line: argparse.ArgumentParser) -> None:
    """Files in PEM. A package's server is believed by the system's roots, too."""
    words = {
        "--ca": "roots to believe a DM server by, not the system's; packages by either",
        "--cert": "certificate by which the device proves itself in TLS",
        "--key": "the certificate's key",
    }
    for name, text in words.items():
        line.add_argument(name, metavar="FILE", default="", help=f"{text} (PEM)")


def _place(text: str) -> tuple[str, int]:
    """HOST, HOST:PORT, or [IPv6]:PORT."""
    parts = urlsplit(f"//{text}")
    port = PUSH_PORT if parts.port is None else parts.port
    if not parts.hostname or parts.netloc != text or "@" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no host and port")
    return parts.hostname, port


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _message_size(text: str) -> int:
    size = _at_least_one(text)
    if not MSG_SIZE_MIN <= size <= REPLY_BYTES_MAX:
        raise argparse.ArgumentTypeError(f"from {MSG_SIZE_MIN} to {REPLY_BYTES_MAX} bytes")
    return size


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def _stop_by_signal(machine: Machine) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: machine.stop())
