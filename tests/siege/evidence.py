"""Reads what a siege left in its database."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from fumo.dm.alerts import told
from fumo.dm.codec import decode
from fumo.dm.message import Alert, Exec
from fumo.server.edges.database import Database
from fumo.server.edges.events import feed
from fumo.server.edges.opening import open_database
from tests.siege.judge import Evidence, Operation, Said
from tests.siege.witness import Witness

OPERATIONS = """SELECT operation.id, device_id, campaign.name, group_number, operation.state,
    correlator, result, retry_of, sendings, operation.kind = 'Update' AS step
    FROM operation JOIN campaign ON campaign.id = campaign_id ORDER BY operation.id"""
TALLY = """SELECT campaign.name, group_number, tally.state, CAST(sum(number) AS bigint)
    FROM tally JOIN campaign ON campaign.id = campaign_id GROUP BY 1, 2, 3"""
EVENTS = "SELECT number, kind, operation_id FROM event ORDER BY number"
LOG = "SELECT device_id, inbound, media_type, body FROM message ORDER BY id"


def gathered(
    where: Path | str,
    ordered: Mapping[str, Iterable[str]],
    devices: Iterable[Witness],
    faults: Iterable[str] = (),
) -> Evidence:
    """The rows, beside what was ordered (devices of each campaign) and what devices saw."""
    with closing(open_database(where)) as db:
        while feed.give_numbers(db):
            pass
        return Evidence(
            operations=tuple(Operation(*row) for row in db.rows(OPERATIONS)),
            results=tuple(db.rows("SELECT operation_id, code FROM result")),
            matches=tuple(db.rows("SELECT operation_id, match FROM alert ORDER BY id")),
            said=tuple(_said(db)),
            tally={(name, group, state): n for name, group, state, n in db.rows(TALLY)},
            names=tuple(name for (name,) in db.rows("SELECT name FROM campaign")),
            ordered={name: tuple(ids) for name, ids in ordered.items()},
            told={device.id: device.told for device in devices},
            faults=tuple(faults),
            events=tuple(db.rows(EVENTS)),
        )


def _said(db: Database) -> Iterator[Said]:
    for device_id, inbound, media_type, body in db.rows(LOG):
        for command in decode(bytes(body), media_type).commands:
            if inbound and isinstance(command, Alert):
                for item in told(command):
                    if item.correlator:
                        yield Said(device_id, False, item.correlator)
            elif not inbound and isinstance(command, Exec):
                yield Said(device_id, True, command.correlator or "")
