"""The servers of a siege: one on SQLite, or any number on one PostgreSQL; and what kills them."""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.postgres import Cluster
from tests.server.process import FREE, Process
from tests.siege.mortal import STAGES

OUTSIDE = "any moment"
"""The stage of a kill from outside, in the midst of whatever is going on."""
LIFE_S = 6.0
"""A server that its fate does not find until then is killed from outside."""
COMMITS_MAX = 40


class Doomed(Process):
    """A server that will die at a stage."""

    def __init__(self, stage: str, count: int, data: Path, listen: str, *more: str) -> None:
        self.stage = stage
        if stage != OUTSIDE:
            self.program = (sys.executable, "-m", "tests.siege.mortal", stage, str(count))
        super().__init__(data, listen, FREE, *more)
        self.born_s = time.monotonic()

    @property
    def dead(self) -> bool:
        return self.process.poll() is not None

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.born_s


@dataclass
class Castle:
    """Its servers; each is started again at its own address."""

    folder: Path
    number: int
    dice: random.Random
    cluster: Cluster | None = None
    servers: list[Doomed] = field(default_factory=list)
    deaths: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.url = self.cluster.fresh() if self.cluster else None
        self._fates = 0
        for number in range(self.number):
            self.servers.append(self._started(self.folder / f"server{number}", FREE))

    @property
    def where(self) -> Path | str:
        """The database, for whoever counts afterwards."""
        return self.url or self.folder / "server0" / "server.db"

    def _started(self, data: Path, listen: str, *, mortal: bool = True) -> Doomed:
        stages = (*STAGES, OUTSIDE)
        stage = stages[self._fates % len(stages)] if mortal else OUTSIDE
        self._fates += 1
        more = ("--database", self.url) if self.url else ()
        return Doomed(stage, self.dice.randint(2, COMMITS_MAX), data, listen, *more)

    # --- what kills -------------------------------------------------------------------------------

    def besieged(self, kills: int, database_every: int, enough: Callable[[], bool]) -> None:
        """Until there were so many deaths and enough was ordered meanwhile; every so many of the
        deaths is PostgreSQL's.
        """
        while not enough() or sum(self.deaths.values()) < kills:
            time.sleep(0.02)
            self._relieve()
            due = sum(self.deaths.values()) // database_every
            if self.cluster and self.deaths["database"] < due:
                self._kill_the_database(self.cluster)

    def _relieve(self) -> None:
        """Bury the dead, and put new ones in their places."""
        for number, old in enumerate(self.servers):
            due = old.age_s > LIFE_S or (old.stage == OUTSIDE and self.dice.random() < 0.02)
            if not old.dead and not due:
                continue
            self.deaths[old.stage if old.dead else OUTSIDE] += 1
            old.kill()
            self.servers[number] = self._started(old.data, old.listen)

    def _kill_the_database(self, cluster: Cluster) -> None:
        """All connections end, committing or not."""
        cluster.stop()
        cluster.start()
        self.deaths["database"] += 1

    def relieved(self) -> None:
        """The siege is over: all servers anew, and none is to die."""
        for number, old in enumerate(self.servers):
            old.kill()
            self.servers[number] = self._started(old.data, old.listen, mortal=False)

    def close(self) -> None:
        """Stop what still runs."""
        while self.servers:
            self.servers.pop().stop()
