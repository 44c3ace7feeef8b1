"""U-Boot's environment, by the programs of libubootenv: which slot starts, and what is on trial.

    fumo_good            the slot that is committed
    fumo_slot            the slot to start
    upgrade_available    1 while `fumo_slot` is on trial: then U-Boot counts its starts
    fumo_token           whose trial it is, or was
    fumo_fell_back       whose trial was given up (written by U-Boot's `altbootcmd`)

Every change is one run of `fw_setenv` with a script, thus one write of one of the two copies.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from fumo.device.edges.programs import Call, Ran, run
from fumo.device.files import Files
from fumo.device.installer import Words

SCRIPT = "env-script"
LIMIT_S = 60.0
GOOD, SLOT, TOKEN, FELL_BACK = "fumo_good", "fumo_slot", "fumo_token", "fumo_fell_back"
TRIAL, COUNT, COUNTER = "upgrade_available", "bootcount", "fumo_security_counter"
VERSION = "fumo_version_"


class Env(Struct, frozen=True):
    """The environment as a value; `versions` by slot, as far as they were told."""

    good: str
    slot: str
    trial: bool = False
    token: str = ""
    fell_back: str = ""
    security_counter: int = 0
    versions: Mapping[str, str] = {}


class UbootEnv:
    """Reads it whole and changes it at once."""

    def __init__(
        self,
        programs: tuple[Words, Words],
        names: tuple[str, ...],
        scripts: tuple[Files, Path],
        run: Callable[[Call], Ran] = run,
        settle: Callable[[], None] = os.sync,
    ) -> None:
        """`programs` read and write; `names` are the slots'; `scripts` a folder and its path.
        `settle` makes durable what they wrote: they do not do so themselves."""
        self._read, self._write = programs
        self._names, self._scripts, self._run, self._settle = names, scripts, run, settle

    def read(self) -> Env:
        """OSError: nobody can tell. A torn environment reads as an empty one, which is none."""
        wanted = (GOOD, SLOT, TOKEN, FELL_BACK, TRIAL, COUNTER)
        versions = tuple(VERSION + name for name in self._names)
        ran = self._run(Call((*self._read, *wanted, *versions), LIMIT_S, listens=True))
        lines = (line.partition("=") for line in ran.said.splitlines())
        told = {name.strip(): value.strip() for name, _, value in lines}
        good, slot = told.get(GOOD, ""), told.get(SLOT, "")
        if not ran.well or good not in self._names or slot not in self._names:
            raise OSError(f"the boot environment names no slot as {GOOD} and {SLOT}")
        counter = told.get(COUNTER, "")
        return Env(
            good=good,
            slot=slot,
            trial=told.get(TRIAL) == "1",
            token=told.get(TOKEN, ""),
            fell_back=told.get(FELL_BACK, ""),
            security_counter=int(counter) if counter.isdecimal() else 0,
            versions={name: told.get(VERSION + name, "") for name in self._names},
        )

    def arm(self, slot: str, token: str, version: str) -> None:
        """Try `slot` at the next start. OSError."""
        trial = {SLOT: slot, TOKEN: token, TRIAL: "1", COUNT: "0"}
        self._change({**trial, VERSION + slot: _one_line(version)})

    def give_up(self, good: str, token: str) -> None:
        """Start the good slot next; `token` had its turn (empty: nobody had). OSError."""
        given_up = {FELL_BACK: token} if token else {}
        self._change({SLOT: good, TRIAL: "0", COUNT: "0", **given_up})

    def commit(self, slot: str, security_counter: int) -> None:
        """`slot` is the good one. OSError."""
        good = {GOOD: slot, SLOT: slot, TRIAL: "0", COUNT: "0"}
        self._change({**good, COUNTER: str(security_counter)})

    def _change(self, values: Mapping[str, str]) -> None:
        files, folder = self._scripts
        text = "".join(f"{name}={value}\n" for name, value in values.items())
        files.replace(SCRIPT, text.encode())
        words = (*self._write, "-s", str(folder / SCRIPT))
        if not self._run(Call(words, LIMIT_S)).well:
            raise OSError("the boot environment cannot be written")
        self._settle()


def _one_line(version: str) -> str:
    """A version is anything; a variable's value is one line."""
    return "".join(char for char in version if char.isprintable())
