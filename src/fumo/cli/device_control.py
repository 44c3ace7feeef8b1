"""`fumo device status|check|cancel|defer|agree`: ask the agent that runs here, at its socket."""

import argparse
import contextlib
import socket
import sys
import time
from collections.abc import Iterable
from typing import Any

import msgspec

from fumo.cli import device_settings
from fumo.cli.device_standing import lines
from fumo.device.checks import MEANINGS

NOBODY = 3
REFUSED = 1
CONNECT_S = 5.0
ANSWER_S = 180.0  # longer than the agent lets anybody wait
LINE_BYTES_MAX = 4 * 1024 * 1024
FOLLOW_S = 1.0
WAIT_S = 0.2
UP = "\x1b[{}A\x1b[J"


class NobodyAnswers(Exception):
    """No agent is at the socket."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands' lines."""
    status = _line(commands, "status", "how the agent stands", run_status)
    status.add_argument("--follow", action="store_true", help="again each second, until Ctrl-C")
    status.add_argument("-o", dest="output", choices=("text", "json"), default="text")
    check = _line(commands, "check", "hold a session with the server now", run_check)
    check.add_argument("--wait", action="store_true", help="until it is over; tells how it ended")
    words = "end the operation that goes on; only the server can start one again"
    _add_object(_line(commands, "cancel", words, run_cancel))
    defer = _line(commands, "defer", "put the operation that goes on off", run_defer)
    defer.add_argument(
        "--for",
        dest="seconds",
        type=_seconds,
        metavar="TIME",
        help="such as 90, 30m or 8h; else by its gate",
    )
    _add_object(defer)
    words = "say yes to what its gate asks a person for"
    _add_object(_line(commands, "agree", words, run_agree))


def run_status(options: argparse.Namespace) -> int:
    """Print how it stands; `--follow`: until somebody stops it."""
    path = device_settings.socket_of(options)
    if not options.follow:
        return _say(path, lambda: _print_status(ask(path, {"do": "status"}), options.output))
    with contextlib.suppress(KeyboardInterrupt):
        return _say(path, lambda: _follow(path, options.output))
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Ask for a session; `--wait`: until one that began after it is over."""
    path = device_settings.socket_of(options)
    return _say(path, lambda: _check(path, options.wait))


def run_cancel(options: argparse.Namespace) -> int:
    """End the operation, if it may still be ended."""
    return _wish(options, {"do": "cancel"})


def run_defer(options: argparse.Namespace) -> int:
    """Put it off, if it may be."""
    return _wish(options, {"do": "defer", "seconds": options.seconds})


def run_agree(options: argparse.Namespace) -> int:
    """Say yes, if anybody asks."""
    return _wish(options, {"do": "agree"})


def ask(path: str, command: dict[str, Any]) -> dict[str, Any]:
    """One command, and what the agent answers. NobodyAnswers, or OSError for another trouble."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
        agent.settimeout(CONNECT_S)
        try:
            agent.connect(path)
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NobodyAnswers from error
        except OSError as error:
            raise OSError(f"{path}: {error.strerror or error}") from error
        with contextlib.suppress(BrokenPipeError):  # it answers those whom it does not hear, too
            agent.sendall(msgspec.json.encode(command) + b"\n")
        agent.settimeout(ANSWER_S)
        heard = b""
        while not heard.endswith(b"\n") and len(heard) < LINE_BYTES_MAX:
            if not (piece := agent.recv(65536)):
                break
            heard += piece
    try:
        answer: dict[str, Any] = msgspec.json.decode(heard, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise OSError(f"{path}: no answer that makes sense") from error
    return answer


def _say(path: str, do: Any) -> int:
    try:
        return int(do())
    except NobodyAnswers:
        line = f"fumo-device: no agent answers at {path}: is it running, with this control.socket?"
        print(line, file=sys.stderr)
        return NOBODY
    except BrokenPipeError:
        return 0


def _command(path: str, command: dict[str, Any]) -> int:
    answer = ask(path, command)
    ok = bool(answer.get("ok"))
    print(answer.get("text", ""), file=sys.stdout if ok else sys.stderr)
    return 0 if ok else REFUSED


def _wish(options: argparse.Namespace, command: dict[str, Any]) -> int:
    """Of the operation that goes on now: an agent that hears late does nothing to the next one."""
    path = device_settings.socket_of(options)

    def do() -> int:
        seen = ask(path, {"do": "status"}).get("standing", {}).get("objects", ())
        return _command(path, {**command, "object": options.object, **_seen(seen, options.object)})

    return _say(path, do)


def _seen(objects: Iterable[dict[str, Any]], name: str | None) -> dict[str, int]:
    named = [one["operation"] for one in objects if name in (None, one["name"])]
    going_on = [operation["id"] for operation in named if operation is not None]
    return {"operation": going_on[0]} if len(going_on) == 1 else {}


def _check(path: str, wait: bool) -> int:
    before = _standing(path)
    if (code := _command(path, {"do": "check"})) or not wait:
        return code
    while not is_over(before, now := _standing(path)):
        time.sleep(WAIT_S)
    session = now["session"]
    print(f"the session is over: {session['last']}")
    if (answer := session["answer"]) is not None:
        print(f"the server's answer: {answer}, {MEANINGS.get(answer, 'refused')}")
    return 0 if session["last"] == "done" else REFUSED


def _standing(path: str) -> dict[str, Any]:
    """How it stands, as soon as it does."""
    while not (answer := ask(path, {"do": "status"})).get("ok"):
        time.sleep(WAIT_S)
    standing: dict[str, Any] = answer["standing"]
    return standing


def is_over(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Has a session ended that began after that? A new life begins to count anew, with one."""
    session, earlier = now["session"], before["session"]
    first = earlier["count"] + bool(earlier["now"]) if now["life"] == before["life"] else 0
    return not session["now"] and bool(session["count"] > first)


def _print_status(answer: dict[str, Any], form: str) -> int:
    if not answer.get("ok"):
        print(answer.get("text", ""), file=sys.stderr)
        return REFUSED
    standing = answer["standing"]
    if form == "json":
        print(msgspec.json.format(msgspec.json.encode(standing)).decode())
    else:
        print("\n".join(lines(standing)))
    return 0


def _follow(path: str, form: str) -> int:
    """On a terminal in place; else, what has changed, one JSON or block after another."""
    before: list[str] = []
    while True:
        answer = ask(path, {"do": "status"})
        if not answer.get("ok"):
            return _print_status(answer, form)
        told = _told(answer["standing"], form)
        if told != before:
            if before and form == "text" and sys.stdout.isatty():
                sys.stdout.write(UP.format(len(before)))
            print("\n".join(told), flush=True)
            before = told
        time.sleep(FOLLOW_S)


def _told(standing: dict[str, Any], form: str) -> list[str]:
    if form == "json":
        return [msgspec.json.encode(standing).decode()]
    return lines(standing)


def _line(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, says: str, do: Any
) -> argparse.ArgumentParser:
    line = commands.add_parser(name, help=says)
    line.set_defaults(do=do)
    device_settings.add_socket(line)
    return line


def _add_object(line: argparse.ArgumentParser) -> None:
    line.add_argument("--object", help="name of the update object, where there are several")


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _seconds(text: str) -> float:
    unit = UNITS.get(text[-1:].lower())
    try:
        number = float(text[:-1] if unit else text) * (unit or 1)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 90, 30m, 8h or 1d")
    return number
