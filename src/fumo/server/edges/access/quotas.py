"""How much there may be of what: the numbers in force, and whether there is too much.

They stand in the database, so that all processes keep the same. A process reads them again every
few seconds.
"""

import time

from msgspec import Struct

from fumo.server.edges.database import Database, Said
from fumo.server.quotas import QUOTAS
from fumo.server.rollout import Denied
from fumo.server.rows import Campaign

READ_AGAIN_S = 3.0

HELD = Said(
    "INSERT INTO counter (name, number) VALUES (?1, 0) ON CONFLICT (name) DO NOTHING",
    """INSERT INTO counter (name, number) VALUES (?1, 0)
        ON CONFLICT (name) DO UPDATE SET number = counter.number""",
)
"""Locks a name until the transaction ends."""
AMOUNTS = {
    "devices": """SELECT CASE WHEN number < ?2 THEN number ELSE ?2 END FROM counter
        WHERE name = 'device' AND CAST(?1 AS text) = ''""",
    "running-campaigns": """SELECT count(*) FROM (SELECT 1 FROM campaign
        WHERE state NOT IN ('denied', 'finished', 'stopped') AND state = 'running'
        AND CAST(?1 AS text) = '' LIMIT ?2) AS there""",
    "users": """SELECT count(*) FROM (SELECT 1 FROM account
        WHERE CAST(?1 AS text) = '' LIMIT ?2) AS there""",
    "tokens-of-a-user": """SELECT count(*) FROM (SELECT 1 FROM token
        WHERE account = ?1 LIMIT ?2) AS there""",
}
"""How many there are now, counted no further than matters. `?1` is whose."""


class QuotaRow(Struct, frozen=True):
    """A quota in force."""

    name: str
    words: str
    most: int
    usual: int


class Quotas:
    """Over one `Database`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._read_s = 0.0
        self._set: dict[str, int] = {}

    def most(self, name: str) -> int:
        """The number in force, or one of a few seconds ago."""
        now_s = time.monotonic()
        if not self._read_s or now_s - self._read_s > READ_AGAIN_S:
            self._set = dict(self._db.rows("SELECT name, most FROM quota"))
            self._read_s = now_s
        return self._set.get(name, QUOTAS[name].most)

    def forget(self) -> None:
        """What was read is not believed any more."""
        self._read_s = 0.0

    def all(self) -> list[QuotaRow]:
        """Every quota, as it is now."""
        self.forget()
        return [QuotaRow(n, q.words, self.most(n), q.most) for n, q in sorted(QUOTAS.items())]

    def one(self, name: str) -> QuotaRow | None:
        """One of them."""
        return next((row for row in self.all() if row.name == name), None)

    def set(self, name: str, most: int) -> None:
        """From now on."""
        sql = """INSERT INTO quota (name, most) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET most = excluded.most"""
        self._db.run(sql, name, most)
        self.forget()

    def check_approval(self, campaign: Campaign) -> None:
        """Denied when so many devices need a second pair of eyes, and nobody is to look."""
        name = "devices-without-approval"
        self.forget()
        most = self.most(name)
        many = sum(campaign.sizes) > most or (campaign.dynamic and most < QUOTAS[name].most)
        if many and not campaign.approval:
            raise Denied(
                f"a campaign for more than {most} devices, or a dynamic one, needs approval here"
            )

    def check(self, name: str, whose: str = "") -> None:
        """Denied when there is more than there may be: the transaction's own rows count, too.

        It is asked after the change and before its commit, and one at a time of each name.
        """
        self._db.run(HELD, f"quota {name}")
        most = self.most(name)
        found = self._db.rows(AMOUNTS[name], whose, most + 1)
        if found and found[0][0] > most:
            raise Denied(
                f"no more than {most} {QUOTAS[name].words}: remove some, or let an admin raise"
                f" the quota {name!r}"
            )
