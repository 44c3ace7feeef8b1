"""`/incidents`: what people must look at, and the word that somebody did."""

import time
from typing import Any

from litestar import Response, get, post
from msgspec import Struct

from fumo.server.edges.incidents import IncidentTold, newest, see
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.frame import OPERATOR, VIEWER, Asked, Limit, Rest, number
from fumo.server.office import Missing
from fumo.server.paging import LIMIT, NEWEST, cut, key_of


class Incidents(Struct, frozen=True):
    """A page; `next` is the cursor of the one after it."""

    items: list[IncidentTold]
    next: str | None


def routes(rest: Rest) -> list[Any]:
    """The newest first; without `seen` only those that nobody looked at."""

    @get("/incidents", opt=VIEWER, sync_to_thread=True)
    def incidents(limit: Limit = LIMIT, cursor: str | None = None, seen: bool = False) -> Incidents:
        found = newest(rest.reads, key_of(cursor, NEWEST), limit + 1, all_=seen)
        return Incidents(*cut(found, limit, lambda incident: incident.id))

    @post("/incidents/{incident_id:int}/seen", opt=OPERATOR)
    async def looked_at(request: Asked, incident_id: int) -> Response[IncidentTold]:
        who = request.user.name

        def job() -> IncidentTold:
            done = see(rest.store.db, number(incident_id), who, time.time())
            if done is None:
                raise Missing(f"no incident {incident_id}")
            return done

        return await rest.changes.make(request, Change("incidents.seen", str(incident_id), job))

    return [incidents, looked_at]
