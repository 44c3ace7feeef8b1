"""Shows the board while the demo runs: a live table on a terminal, plain lines elsewhere."""

import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from fumo.fleet.board import DOWN, DOWNLOADING, ORDERED, Standing, line_for, meaning, standings
from fumo.fleet.evidence import Recorder, Told, now_ns

LOOK_EVERY_S = 0.2


class Screen(Protocol):
    """A way to show."""

    def show(self) -> None:
        """Show what is new."""

    def close(self) -> None:
        """Leave the last picture standing."""


class Lines:
    """One line a record."""

    def __init__(self, recorder: Recorder) -> None:
        """Shows from now on."""
        self._recorder = recorder
        self._shown = 0
        self._tellings: set[tuple[str, bool]] = set()
        self._began_ns = now_ns()

    def show(self) -> None:
        """Print the new lines."""
        records = self._recorder.so_far()
        for record in records[self._shown :]:
            if isinstance(record, Told) and self._is_old(record):
                continue
            if (line := line_for(record, self._began_ns)) is not None:
                print(line, flush=True)
        self._shown = len(records)

    def _is_old(self, told: Told) -> bool:
        """Told before, with the same fate: a device tells its result until it is acknowledged."""
        telling = (told.correlator, told.delivered)
        known = telling in self._tellings
        self._tellings.add(telling)
        return known

    def close(self) -> None:
        """Print what is left."""
        self.show()


class LiveTable:
    """All devices at a glance."""

    def __init__(self, recorder: Recorder, passed: Mapping[str, float], console: Console) -> None:
        """`passed`: which part of its package has come through to each device."""
        self._recorder = recorder
        self._passed = passed
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._live.start()

    def show(self) -> None:
        """Draw."""
        self._live.update(_table(standings(self._recorder.so_far()), self._passed), refresh=True)

    def close(self) -> None:
        """Draw a last time."""
        self.show()
        self._live.stop()


class Showing:
    """Keeps a screen up to date beside the demo: `with Showing(...):`."""

    def __init__(self, recorder: Recorder, passed: Mapping[str, float]) -> None:
        """A table when stdout is a terminal."""
        console = Console()
        self._screen: Screen = (
            LiveTable(recorder, passed, console) if sys.stdout.isatty() else Lines(recorder)
        )
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="screen", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self._screen.close()

    def _go_on(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self._screen.show()


def _table(rows: tuple[Standing, ...], passed: Mapping[str, float]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("device", "", "faults", "stage"):
        table.add_column(name)
    for row in rows:
        done = 1.0 if row.result == 200 else passed.get(row.device, 0.0)
        bar = ProgressBar(total=1.0, completed=done, width=24)
        table.add_row(row.device, bar, str(row.faults or ""), _stage(row))
    return table


def _stage(row: Standing) -> Text:
    if row.result is not None:
        style = "green" if row.result == 200 else "red"
        return Text(f"{row.result} {meaning(row.result)}", style)
    styles = {DOWN: "red", DOWNLOADING: "cyan", ORDERED: "dim"}
    return Text(row.stage, styles.get(row.stage, ""))
