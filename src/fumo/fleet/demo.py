"""`fumo demo`: a fleet is updated through a bad network, and what was promised is proven.

Real server, depot and devices in processes of their own; kills, cuts and lost replies between
them; a verdict from evidence that no agent had a hand in. Leaves nothing behind.
"""

import contextlib
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from fumo.errors import FumoError
from fumo.fleet.cast import actors
from fumo.fleet.patience import Patience
from fumo.fleet.screen import Showing
from fumo.fleet.stage import Stage
from fumo.fleet.story import play
from fumo.fleet.verdict import Verdict, judge

DEADLINE_S = 150.0
WRONG_SHOWN_MAX = 20
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, an orderly end, and a terminal that is closed."""


class Options(Struct, frozen=True):
    """What the command line says. `keep`: a folder that stays, with all evidence in it."""

    devices: int = 20
    seed: int = 8
    stay: bool = True
    keep: Path | None = None


class Ended(Exception):
    """Somebody ended the demo by a signal."""


def run(options: Options) -> int:
    """The whole demo; the exit code."""
    with _folder(options.keep) as folder, _signals_raise():
        stage = Stage(folder, actors(options.devices), options.seed, options.keep is not None)
        try:
            return _perform(stage, options)
        except Ended:
            say("ended before its time")
            return 1
        except (FumoError, OSError) as error:
            say(f"the demo failed: {error}")
            _say_why(stage)
            return 1
        finally:
            stage.close()


def _perform(stage: Stage, options: Options) -> int:
    """Play, judge, tell; then stay for who wants to look around."""
    patience = Patience(DEADLINE_S, stage.trouble)
    say(f"fumo demo: {len(stage.actors)} devices, seed {options.seed}")
    operator = stage.open(patience, say)
    with Showing(stage.recorder, stage.passed):
        evidence = play(stage, operator, patience)
    verdict = judge(evidence)
    _tell(verdict)
    if options.stay:
        _stay()
    return verdict.exit_code


def _tell(verdict: Verdict) -> None:
    for line in verdict.wrong[:WRONG_SHOWN_MAX]:
        say(f"wrong: {line}")
    say(verdict.sentence())


def _stay() -> None:
    """The page stays up; Ctrl-C is a good end now."""
    say("The page stays up. Ctrl-C ends it.")
    with contextlib.suppress(Ended):
        signal.pause()


def _say_why(stage: Stage) -> None:
    for name in stage.processes.ended():
        last = stage.processes.complained(name).splitlines()[-5:]
        say("\n".join([f"{name} ended, and said:", *last]))


def say(text: str) -> None:
    """A line for people, at once."""
    print(text, flush=True)


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        if any(keep.iterdir()):
            raise FileExistsError(f"{keep} is not empty")
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="fumo-demo-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def _signals_raise() -> Iterator[None]:
    """Each of `ENDINGS` ends the demo once, through every `finally`."""

    def end(number: int, _: object) -> None:
        for each in ENDINGS:
            signal.signal(each, signal.SIG_IGN)  # taking down must not be interrupted
        raise Ended(number)

    before = {number: signal.signal(number, end) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
