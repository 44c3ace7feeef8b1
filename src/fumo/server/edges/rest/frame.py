"""What every route of the API stands in: what it works on, which role it asks for, and its pages.

A route says its role in `opt`. A number or a text of the address is looked at here first, so that
no database is asked for what it cannot hold.
"""

from typing import Annotated, Any, TypeAlias

from litestar import Request
from litestar.params import Parameter
from msgspec import Struct

from fumo.server.access import Role
from fumo.server.edges.access.keeper import Keeper
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.database import Database
from fumo.server.edges.news import News
from fumo.server.edges.rest.changes import Changes
from fumo.server.edges.rest.desk import Desk
from fumo.server.office import Missing
from fumo.server.paging import LIMIT_MAX, NEWEST
from fumo.server.rollout import Denied

VIEWER, OPERATOR, ADMIN = ({"role": role} for role in Role)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Asked: TypeAlias = Request[Any, Any, Any]


class Rest(Struct, frozen=True):
    """What routes work on: orders by the desk, changes by the store, reading by the views."""

    desk: Desk
    store: AdminStore
    changes: Changes
    news: News
    keeper: Keeper

    @property
    def reads(self) -> Database:
        """The database, for readers."""
        return self.desk.views.db


def number(given: int) -> int:
    """A number that a row may have; Missing otherwise."""
    if not 0 <= given <= NEWEST:
        raise Missing(f"nothing has the number {given}")
    return given


def words(given: str) -> str:
    """A text that a database can hold; Denied otherwise."""
    if "\0" in given:
        raise Denied("a text with the character NUL names nothing")
    return given
