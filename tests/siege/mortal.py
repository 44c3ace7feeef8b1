"""A server that ends itself by SIGKILL at a stage of its own work: `STAGE COUNT serve ...`.

It is `fumo serve` but for its database, which is wrapped: at the COUNTth writing transaction, and
at the stage named, the process is gone. No handler runs and nothing is flushed.
"""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fumo.cli
import fumo.server.main
from fumo.server.edges.database import Bulk, Cells, Database, Row, Said
from fumo.server.edges.opening import open_database

STAGES = ("decided", "begun", "writing", "written", "durable")
"""Of a batch of messages, an operator's order or the sweep: before its transaction; in it, before
anything was written; between two writes; before COMMIT; after COMMIT, with no reply gone."""


class Mortal:
    """Implements `Database` over another one."""

    def __init__(self, real: Database, stage: str, count: int) -> None:
        self._real, self._stage, self._left = real, stage, count
        self._depth = 0

    @contextmanager
    def transaction(self, writes: bool = True) -> Iterator[None]:
        outermost = writes and self._depth == 0
        if outermost:
            self._left -= 1
            self._reach("decided")
        with self._real.transaction(writes):
            self._depth += 1
            try:
                if outermost:
                    self._reach("begun")
                yield
                if outermost:
                    self._reach("written")
            finally:
                self._depth -= 1
        if outermost:
            self._reach("durable")

    def rows(self, sql: str | Said, *cells: Any) -> list[Row]:
        return self._real.rows(sql, *cells)

    def run(self, sql: str | Said, *cells: Any) -> int:
        return self._real.run(sql, *cells)

    def put(self, bulk: Bulk, rows: Sequence[Cells]) -> None:
        self._real.put(bulk, rows)
        if rows and self._depth:
            self._reach("writing")

    def numbers(self, table: str, count: int) -> range | list[int]:
        return self._real.numbers(table, count)

    def close(self) -> None:
        self._real.close()

    def __getattr__(self, name: str) -> Any:
        """What else the database can."""
        return getattr(self._real, name)

    def _reach(self, stage: str) -> None:
        if self._left <= 0 and stage == self._stage:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve until the stage is reached."""
    stage, count = sys.argv[1], int(sys.argv[2])
    del sys.argv[1:3]

    def opened(where: Path | str, reads_only: bool = False) -> Database:
        database = open_database(where, reads_only)
        return database if reads_only else Mortal(database, stage, count)

    fumo.server.main.open_database = opened  # type: ignore[assignment]
    fumo.cli.main()


if __name__ == "__main__":
    main()
