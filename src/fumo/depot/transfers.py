"""Descriptors that lead to packages, and the reports of transfers (OMA Download 1.0). Pure.

A descriptor stands beside its package and names it by a relative address, so that it is good
behind any proxy, and what is signed for the operation leads to nothing else. A report is believed
to be the device's, since nobody else knows its address; nothing but the depot's log comes of it.
"""

import hashlib

from fumo.depot import ranges
from fumo.depot.answers import AS_IT_IS_NOW, PACKAGE_TYPE, Answer
from fumo.depot.ranges import Plan
from fumo.depot.request import Request
from fumo.depot.urls import Address, Wanted
from fumo.dlota import notify
from fumo.dlota.descriptor import MEDIA_TYPE, Descriptor, write
from fumo.errors import DecodeError

REPORTING = ("POST",)


def described(request: Request, address: Address, length: int) -> Answer:
    """The descriptor of a package of this length."""
    descriptor = Descriptor(
        types=(PACKAGE_TYPE,),
        size=length,
        object_uri=Wanted.PACKAGE.value,
        notify_uri=Wanted.REPORT.value,
    )
    data = write(descriptor)
    sha256 = hashlib.sha256(data).hexdigest()
    plan = ranges.plan(request.ask, sha256, len(data))
    return Answer(
        plan, data, sha256, len(data), address.operation_id, MEDIA_TYPE, caching=AS_IT_IS_NOW
    )


def reported(request: Request, address: Address) -> Answer:
    """What a report is answered with; every code is taken, also one that nobody knows."""
    if request.method not in REPORTING:
        return Answer(Plan(405), operation=address.operation_id, allowed=REPORTING)
    try:
        code = notify.read(request.body)
    except DecodeError:
        return Answer(Plan(400), operation=address.operation_id)
    return Answer(Plan(200), operation=address.operation_id, report=code)
