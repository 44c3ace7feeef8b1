"""What a device says on its own: package 1 and the alerts it owes (DM Protocol §8.3, FUMO 6.2)."""

from collections.abc import Iterable

from fumo.codes import AlertCode
from fumo.device.checks import TYPES, By, Check
from fumo.dm.alerts import generic_alert, request_alert
from fumo.dm.message import Alert, Item, Location, Replace
from fumo.dm.session import Request
from fumo.tree.objects import Description, dev_info
from fumo.update.duty import Report

SESSION, INFO, RESULT, CHECK = "session", "info", "result:", "check:"


def package_1(device: Description, begun_by: AlertCode) -> list[Request]:
    """Alert 1200 or 1201, then the five nodes of DevInfo, each by its Source."""
    leaves = (pair for pair in dev_info(device).items() if not pair[1].interior)
    items = tuple(Item(source=Location(uri), data=node.value) for uri, node in leaves)
    return [
        Request(SESSION, Alert(begun_by)),
        Request(INFO, Replace(items)),
    ]


def results(owed: Iterable[Report]) -> list[Request]:
    """The Generic Alerts owed: the same values each time, so the same alert each time."""
    return [Request(f"{RESULT}{one.op_id}", _alert(one)) for one in owed]


def told_operation(purpose: str) -> int | None:
    """Which operation's alert a request was, or None for any other request."""
    return int(purpose.removeprefix(RESULT)) if purpose.startswith(RESULT) else None


def checks(asked: Iterable[Check]) -> list[Request]:
    """The requests for an update (FUMO 7)."""
    return [
        Request(
            f"{CHECK}{one.by}:{one.object_uri or ''}", request_alert(TYPES[one.by], one.object_uri)
        )
        for one in asked
    ]


def told_check(purpose: str) -> Check | None:
    """Which request for an update that was, or None for any other request."""
    if not purpose.startswith(CHECK):
        return None
    by, _, uri = purpose.removeprefix(CHECK).partition(":")
    return Check(By(by), uri or None)


def _alert(report: Report) -> Alert:
    told = report.alert
    return generic_alert(told.type, told.source, told.result, told.mark, told.correlator)
