"""Who sends the bytes of an answer: the depot itself, the nginx before it, or the store. Pure.

The depot decides every request and logs it, whoever sends. Another server is let send only where
it is sure to send the same: it judges the request's header fields once more, by rules and tags of
its own. So whatever is unusual the depot sends itself, and what has a speed to keep, too.
"""

import re
from enum import StrEnum

from msgspec import Struct

from fumo.depot.ports import Found
from fumo.depot.ranges import Plan, etag
from fumo.depot.request import Request

USUAL_RANGE = re.compile(r"bytes=[0-9]{1,18}-[0-9]{0,18}")


class Way(StrEnum):
    """Who sends. `STORE`: where a redirect leads."""

    DEPOT = ""
    NGINX = "nginx"
    STORE = "store"


class Ways(Struct, frozen=True):
    """Which ways there are.

    `accel`: the prefix of an internal place of the nginx in front, which has the store's folder
    `sha256`. `through`: nobody but the depot reaches the store. `bytes_per_s`: of all downloads
    together, 0 for as fast as they go. `lead_s`: how long an address of the store is good.
    """

    accel: str = ""
    through: bool = False
    bytes_per_s: int = 0
    lead_s: int = 900


def way(ways: Ways, request: Request, plan: Plan, found: Found, in_lane: bool) -> Way:
    """Who sends the bytes of this plan."""
    if in_lane or ways.bytes_per_s or request.method != "GET" or plan.status not in (200, 206):
        return Way.DEPOT
    if not _is_usual(request, plan, found):
        return Way.DEPOT
    if found.path is not None:
        return Way.NGINX if ways.accel else Way.DEPOT
    return Way.DEPOT if ways.through else Way.STORE


def inside(ways: Ways, sha256: str) -> str:
    """The name of a content for nginx."""
    return f"{ways.accel.rstrip('/')}/{sha256[:2]}/{sha256[2:]}"


def _is_usual(request: Request, plan: Plan, found: Found) -> bool:
    """Would any server that has this content answer just so?"""
    ask = request.ask
    if ask.if_match is not None or ask.dated:
        return False
    if plan.status == 200:
        return ask.range is None
    if ask.range is None or USUAL_RANGE.fullmatch(ask.range) is None:
        return False
    # each server knows its own tag only, and nginx is told ours
    known = found.tag if found.path is None else etag(found.sha256)
    return ask.if_range is None or ask.if_range.strip() == known
