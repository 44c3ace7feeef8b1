"""Requests for an update: is one ordered in this session? (FUMO 7, S06). Pure.

Yes only where nothing is left to chance on our side: an operation is due, its package is there, an
object of the device offers it, nobody is to be asked before, and the request is not about another
object. All else is 202: heard, and nothing promised.
"""

from collections.abc import Callable
from typing import TypeAlias

from fumo.codes import Kind
from fumo.server import consent, discovery
from fumo.server.ledger import Ledger
from fumo.server.matching import is_of
from fumo.server.ordering import ready
from fumo.server.rows import Operation

Starts: TypeAlias = Callable[[str], bool]
"""Does an update start now, for a request of this source (empty: of the whole device)?"""


def nothing(source: str) -> bool:
    """No update starts."""
    return False


def starts(ledger: Ledger) -> Starts:
    """What may be promised, as it stands after all that the message said."""
    coming = ready(ledger)
    if coming is None or not _certain(ledger, coming):
        return nothing
    chosen = discovery.choose(ledger.device.objects, coming.kind)
    return lambda source: not source or chosen is None or is_of(source, chosen.uri, coming.kind)


def _certain(ledger: Ledger, operation: Operation) -> bool:
    campaign = ledger.campaign_of(operation)
    if consent.wanted(campaign):
        return False
    supplied = ledger.supply.urls.keys() | ledger.supply.contents.keys()
    there = operation.kind is Kind.UPDATE or operation.id in supplied
    objects = ledger.device.objects
    return there and (not objects or discovery.choose(objects, operation.kind) is not None)
