"""Reading for people: what pages and the admin interface show. Never writes.

It has a connection of its own, so that a reader never waits for a commit, nor a commit for it.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from fumo.dlota.notify import words_of
from fumo.server.edges.database import Database, Row
from fumo.server.edges.store import ALERTS, CAMPAIGNS, DEVICES, OPERATIONS, PACKAGES
from fumo.server.rows import (
    AlertRow,
    Campaign,
    Device,
    Logged,
    Note,
    Operation,
    OperationState,
    Package,
)

ROWS_MAX = 500
"""Rows of one listing, unless less is asked for."""


class Fetch(Struct, frozen=True):
    """One request to the depot by an operation's own address.

    `via`: who sends the bytes, where that is not the depot itself.
    """

    operation_id: int | None
    at_s: float
    method: str
    status: int
    range: str
    bytes: int
    via: str


class Transfer(Struct, frozen=True):
    """What a device told the depot of a transfer: a code of OMA Download, and what it means."""

    at_s: float
    code: int
    meaning: str


class Progress(Struct, frozen=True):
    """A campaign, its package, how many operations stand where, and the results by code.

    `retried` are those among the states that the operator has ordered anew since.
    """

    campaign: Campaign
    package: Package
    states: dict[str, int]
    results: dict[int, int]
    retried: dict[str, int]


class Views:
    """Fits every reader; safe to call from any thread."""

    def __init__(self, database: Database) -> None:
        """A connection that only reads."""
        self._db = database

    @property
    def db(self) -> Database:
        """What it reads."""
        return self._db

    def close(self) -> None:
        """Let it go."""
        self._db.close()

    def _all(self, sql: str, *cells: Any) -> list[Row]:
        return self._db.rows(sql, *cells)

    def devices(self, limit: int = ROWS_MAX) -> list[Device]:
        """Devices by their id."""
        found = self._all(DEVICES.select + "ORDER BY id LIMIT ?1", limit)
        return [DEVICES.row(cells) for cells in found]

    def devices_of(self, device_ids: Sequence[str]) -> dict[str, Device]:
        """Devices by their ids."""
        found = self._all(f"{DEVICES.select} WHERE id IN ?*1", list(device_ids))
        return {device.id: device for device in map(DEVICES.row, found)}

    def newest_of_each(self, device_ids: Sequence[str]) -> dict[str, Operation]:
        """The newest operation of each device."""
        sql = f"""{OPERATIONS.select} WHERE id IN
            (SELECT max(id) FROM operation WHERE device_id IN ?*1 GROUP BY device_id)"""
        found = [OPERATIONS.row(cells) for cells in self._all(sql, list(device_ids))]
        return {operation.device_id: operation for operation in found}

    def packages(self) -> list[Package]:
        """Packages, the newest first."""
        found = self._all(PACKAGES.select + "ORDER BY id DESC LIMIT ?1", ROWS_MAX)
        return [PACKAGES.row(cells) for cells in found]

    def campaigns(self, limit: int = 20) -> list[Progress]:
        """Campaigns, the newest first."""
        found = self._all(CAMPAIGNS.select + "ORDER BY id DESC LIMIT ?1", limit)
        return [self._progress(CAMPAIGNS.row(cells)) for cells in found]

    def campaign(self, campaign_id: int) -> Progress | None:
        """One campaign."""
        found = self._all(CAMPAIGNS.select + "WHERE id = ?1", campaign_id)
        return self._progress(CAMPAIGNS.row(found[0])) if found else None

    def campaign_row(self, campaign_id: int) -> Campaign:
        """The campaign of an operation, without how it goes."""
        [cells] = self._all(CAMPAIGNS.select + "WHERE id = ?1", campaign_id)
        return CAMPAIGNS.row(cells)

    def _progress(self, campaign: Campaign) -> Progress:
        """From the counters: nothing is counted, however large it is."""
        counted = "SELECT {}, CAST(sum(number) AS bigint) FROM tally WHERE campaign_id = ?1"
        states = counted.format("state") + " AND number > 0 GROUP BY 1 ORDER BY 1"
        results = counted.format("result") + " AND number > 0 AND result > 0 GROUP BY 1 ORDER BY 1"
        retried = (
            counted.format("state")
            + " AND number > 0 AND followed = 1 AND state <> 'succeeded' GROUP BY 1"
        )
        package = self._all(PACKAGES.select + "WHERE id = ?1", campaign.package_id)[0]
        return Progress(
            campaign,
            PACKAGES.row(package),
            dict(self._all(states, campaign.id)),
            dict(self._all(results, campaign.id)),
            dict(self._all(retried, campaign.id)),
        )

    def operations(
        self,
        campaign_id: int | None = None,
        device_id: str | None = None,
        limit: int = ROWS_MAX,
    ) -> list[Operation]:
        """Operations, the newest first."""
        asked = {"campaign_id": campaign_id, "device_id": device_id}
        given = {name: value for name, value in asked.items() if value is not None}
        where = "".join(f"AND {name} = ?{n} " for n, name in enumerate(given, 2))
        sql = f"{OPERATIONS.select}WHERE true {where}ORDER BY id DESC LIMIT ?1"
        found = self._all(sql, limit, *given.values())
        return [OPERATIONS.row(cells) for cells in found]

    def states(self) -> dict[str, int]:
        """How many operations stand where, of all campaigns."""
        sql = "SELECT state, sum(number) FROM tally GROUP BY state ORDER BY state"
        return {state: int(number) for state, number in self._all(sql)}

    def operation(self, operation_id: int) -> Operation | None:
        """One operation."""
        found = self._all(OPERATIONS.select + "WHERE id = ?1", operation_id)
        return OPERATIONS.row(found[0]) if found else None

    def matches(self, operation_ids: Sequence[int]) -> dict[int, dict[str, int]]:
        """For each operation how often its alerts were matched as what."""
        sql = """SELECT operation_id, match, count(*) FROM alert
            WHERE operation_id IN ?*1 GROUP BY 1, 2"""
        told: dict[int, dict[str, int]] = {}
        for operation_id, match, number in self._all(sql, list(operation_ids)):
            told.setdefault(operation_id, {})[match] = number
        return told

    def alerts(self, operation_id: int) -> list[AlertRow]:
        """Every alert of an operation, as it came."""
        found = self._all(ALERTS.select + "WHERE operation_id = ?1 ORDER BY id", operation_id)
        return [ALERTS.row(cells) for cells in found]

    def notes(self, operation_id: int) -> list[Note]:
        """What happened to an operation."""
        sql = """SELECT operation_id, at_s, text, state, incident FROM note
            WHERE operation_id = ?1 ORDER BY id"""
        found = self._all(sql, operation_id)
        return [
            Note(number, at_s, text, OperationState(state) if state else None, incident == 1)
            for number, at_s, text, state, incident in found
        ]

    def messages(self, operation_id: int, limit: int = ROWS_MAX) -> list[Logged]:
        """The DM messages that spoke of an operation."""
        sql = """SELECT inbound, session_id, msg_id, at_s, media_type, body FROM message
            WHERE id IN (SELECT message_id FROM about WHERE operation_id = ?1)
            ORDER BY id LIMIT ?2"""
        found = self._all(sql, operation_id, limit)
        return [
            Logged(inbound == 1, session, msg, at_s, type_, body)
            for inbound, session, msg, at_s, type_, body in found
        ]

    def fetches(self, operation_id: int, limit: int = ROWS_MAX) -> list[Fetch]:
        """What was asked of the depot by an operation's address."""
        sql = """SELECT operation_id, at_s, method, status, asked, sent, via FROM download
            WHERE operation_id = ?1 ORDER BY at_s, at_byte LIMIT ?2"""
        return [Fetch(*cells) for cells in self._all(sql, operation_id, limit)]

    def transfers(self, operation_id: int) -> list[Transfer]:
        """What the device told of the transfer, each time."""
        sql = """SELECT at_s, code FROM transfer WHERE operation_id = ?1
            ORDER BY at_s, at_byte LIMIT ?2"""
        found = self._all(sql, operation_id, ROWS_MAX)
        return [Transfer(at_s, code, words_of(code)) for at_s, code in found]

    def fetch_numbers(self, operation_ids: Sequence[int]) -> dict[int, int]:
        """How often the depot was asked, by operation."""
        sql = """SELECT operation_id, count(*) FROM download
            WHERE operation_id IN ?*1 GROUP BY 1"""
        return dict(self._all(sql, list(operation_ids)))
