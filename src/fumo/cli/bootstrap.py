"""`fumo device bootstrap`: give a device its account out of a file, if it is proven and wanted.

Shows what would change and asks; without a terminal only `--yes` agrees. Exit code 0: the account
is the device's now; 1: it is not, and nothing changed; 2: it could not be tried.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from fumo.cli import device_settings
from fumo.device.bootstrapping import Declined, Outcome, Taken, take
from fumo.device.main import accounts
from fumo.dm.account import Provisioned
from fumo.dm.bootstrap import BODY_BYTES_MAX, Bootstrap, Secrets, read_file, semi_octets
from fumo.errors import DecodeError, MisuseError

FILE_BYTES_MAX = 2 * BODY_BYTES_MAX
WORDS = {
    "--content-type": "the file is a bare body of this Content-Type, with its SEC and MAC",
    "--pin": "the PIN that the user was given; asked for on a terminal",
    "--imsi": "the SIM's IMSI, which the network's key is made of",
    "--network-secret": "the network's key, where it is not made of an IMSI",
}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's line."""
    line = commands.add_parser(
        "bootstrap", help="take an account out of a bootstrap, by the CP or the DM profile"
    )
    line.set_defaults(do=run_bootstrap)
    line.add_argument("file", type=Path, help="a WSP push as it came, with or without SMS header; "
                      "or its text out of a QR code")  # fmt: skip
    device_settings.add_state(line)
    for name, words in WORDS.items():
        line.add_argument(name, help=words)
    line.add_argument("--yes", action="store_true", help="agree without being asked")


def run_bootstrap(options: argparse.Namespace) -> int:
    """Try it. OSError: the file or the state cannot be used."""
    try:
        with options.file.open("rb") as file:
            offered = read_file(file.read(FILE_BYTES_MAX + 1), options.content_type)
        secrets = _secrets(options, offered)
    except (DecodeError, MisuseError) as error:
        raise OSError(f"{options.file}: {error}") from error
    with accounts(device_settings.state_of(options)) as journal:
        outcome = take(journal, offered, secrets, _consent(options.yes))
    print(_told(outcome))
    return 0 if isinstance(outcome, Taken) else 1


def _secrets(options: argparse.Namespace, offered: Bootstrap) -> Secrets:
    pin = options.pin
    if pin is None and offered.wants_pin and sys.stdin.isatty():
        import getpass  # here: a device that runs never asks so

        pin = getpass.getpass("PIN: ")
    if options.imsi is not None:
        semi_octets(options.imsi)
    network = options.network_secret
    return Secrets(pin, options.imsi, network.encode() if network is not None else None)


def _consent(yes: bool) -> Callable[[Provisioned, Provisioned | None], bool]:
    def agrees(new: Provisioned, old: Provisioned | None) -> bool:
        print(_shown(new, old))
        if yes or not sys.stdin.isatty():
            return yes
        return input("Take it? [y/N] ").strip().lower() in ("y", "yes")

    return agrees


def _shown(new: Provisioned, old: Provisioned | None) -> str:
    """What would change, secrets left out."""
    lines = [
        "The bootstrap is proven. The device would obey this server:",
        f"  server   {new.server_id}{f' ({new.name})' if new.name else ''}",
        f"  address  {new.url}",
        f"  user     {new.own.name}",
        f"  proof    {new.scheme}",
    ]
    if old is not None:
        lines.append(f"in place of {old.server_id} at {old.url}, user {old.own.name}")
    return "\n".join(lines)


def _told(outcome: Outcome) -> str:
    if isinstance(outcome, Taken):
        return "The account is taken. 'run' begins with a session."
    if isinstance(outcome, Declined):
        return "Nothing was changed: nobody agreed. Say --yes, or run it on a terminal."
    return f"Nothing was changed: {outcome.reason}. PIN tries left: {outcome.tries_left}."
