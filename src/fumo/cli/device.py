"""`fumo device` and `fumo-device`: be a device, and operate one. Only msgspec is loaded for it.

Exit codes: 0 it is done; 1 it is not (a result not delivered, a command refused); 2 it could not be
tried (settings, files, a line that makes no sense); 3 no agent answers at the socket.
"""

import argparse
import re
import signal
import sys
from collections.abc import Sequence

from fumo.cli import bootstrap, describe, device_config, device_control, device_settings
from fumo.device.main import Machine, run, settled
from fumo.device.reading import SettingsError

CANNOT_START = 2
INTERRUPTED = 130  # as a shell tells it
ERRNO = re.compile(r"^\[Errno \d+\] ")


def light_main(words: Sequence[str] | None = None) -> int:
    """The program `fumo-device`: its exit code."""
    options = parser().parse_args(words)
    try:
        return int(options.do(options))
    except KeyboardInterrupt:
        return INTERRUPTED
    except (OSError, SettingsError) as error:
        for line in ERRNO.sub("", str(error)).splitlines():
            print(f"fumo-device: {line}", file=sys.stderr)
        return CANNOT_START


def run_device(options: argparse.Namespace) -> int:
    """Be the device. OSError: it cannot start."""
    settings = device_settings.told(options).settings
    return run(settled(settings), _stop_by_signal, options.once)


def parser() -> argparse.ArgumentParser:
    """All commands."""
    top = argparse.ArgumentParser(prog="fumo-device", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    line = commands.add_parser("run", help="hold sessions, carry out what is ordered, report it")
    line.set_defaults(do=run_device)
    device_settings.add_all(line)
    line.add_argument(
        "--once", action="store_true", help="end when nothing is owed; at least one session"
    )
    device_control.add_to(commands)
    device_config.add_to(commands)
    bootstrap.add_to(commands)
    describe.add_to(commands)
    return top


def _stop_by_signal(machine: Machine) -> None:
    """Also by one that arrives in the moment before a long sleep (`news_clock`)."""
    signal.set_wakeup_fd(machine.mouth, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: machine.stop())
