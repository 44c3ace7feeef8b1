"""One word about the world, from a file or a program of the device's maker.

    word = FileWord(path) | CommandWord(["/usr/bin/network-kind"], clock)
    word() -> "metered"

Promises: nobody is waited for longer than `COMMAND_S`, a program is not run again before its last
word is `FRESH_S` old, and whatever goes wrong is the empty word.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fumo.device.edges.programs import Call, NotStarted, run

COMMAND_S = 5.0
FRESH_S = 20.0
WORD_LENGTH_MAX = 256


class FileWord:
    """The first word of a file, which somebody keeps true."""

    def __init__(self, path: Path | str) -> None:
        """It need not be there yet."""
        self._path = Path(path)

    def __call__(self) -> str:
        """Read it."""
        try:
            with self._path.open("rb") as file:
                return first(file.read(WORD_LENGTH_MAX).decode("utf-8", "replace"))
        except OSError:
            return ""


class CommandWord:
    """The first word that a program prints; nothing unless it ends well."""

    def __init__(
        self,
        command: Sequence[str],
        now_s: Callable[[], float] = time.monotonic,
        wait_s: float = COMMAND_S,
    ) -> None:
        """`command` is run as it is, by no shell."""
        self._command, self._now_s, self._wait_s = tuple(command), now_s, wait_s
        self._word, self._until_s = "", float("-inf")

    def __call__(self) -> str:
        """Its newest word."""
        if self._now_s() >= self._until_s:
            self._word = self._run()
            self._until_s = self._now_s() + FRESH_S
        return self._word

    def _run(self) -> str:
        try:
            ran = run(Call(self._command, self._wait_s, listens=True))
        except NotStarted:
            return ""
        return first(ran.said[:WORD_LENGTH_MAX]) if ran.well else ""


def first(text: str) -> str:
    """The first word, in small letters."""
    words = text.split(maxsplit=1)
    return words[0].lower() if words else ""
