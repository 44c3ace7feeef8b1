"""A user is asked before an update is ordered, where its campaign wants that (S05, FUMO §6). Pure.

One question by UI alert 1101, before anything else of the order is said. Yes: the order leaves in
this session. No: it is refused. No answer: it waits, and is asked again in a later session, some
hours after, until its deadline. Who has nobody to ask is not updated without being asked.
"""

from enum import Enum, auto

from fumo.codes import AlertCode, Kind, Status
from fumo.dm.message import Alert, Item
from fumo.dm.session import Request
from fumo.server.rows import Campaign, Operation, Package

ASKED = "consent:"
"""The purpose of a question, with the number of its operation."""
WAIT_S = 60
"""How long a user has for an answer: well within a session's age."""
AGAIN_S = 4 * 3600.0
"""Nobody is asked again sooner, when there was no answer."""
WORDS = {
    Kind.DOWNLOAD: "Download {what} now?",
    Kind.UPDATE: "Install {what} now? The device may be out of use meanwhile.",
    Kind.DOWNLOAD_AND_UPDATE: "Update to {what} now? The device may be out of use meanwhile.",
}
NAME_MAX = 80


class Word(Enum):
    """What an answer means."""

    YES = auto()
    NO = auto()
    LATER = auto()
    NOBODY = auto()


MEANING = {
    Status.OK: Word.YES,
    Status.NOT_MODIFIED: Word.NO,
    Status.CANCELLED: Word.LATER,
    Status.NOT_EXECUTED: Word.LATER,
    Status.TIMEOUT: Word.LATER,
}


def wanted(campaign: Campaign | None) -> bool:
    """Is a user to be asked?"""
    return campaign is not None and campaign.consent


def may_be_asked(operation: Operation, at_s: float) -> bool:
    """Was nobody asked yet, or long ago?"""
    before_s = operation.user_asked_at_s
    return before_s is None or at_s >= before_s + AGAIN_S


def question(operation: Operation, package: Package | None) -> Request:
    """What the user reads."""
    what = f"{package.name} {package.version}"[:NAME_MAX] if package else "a new version"
    text = WORDS[operation.kind].format(what=what)
    options = Item(data=f"MAXDT={WAIT_S}")
    return Request(
        f"{ASKED}{operation.id}", Alert(AlertCode.CONFIRM, items=(options, Item(data=text)))
    )


def meaning(code: int) -> Word:
    """What an answer's code says; whatever is no answer: there is nobody to ask."""
    return next((word for status, word in MEANING.items() if status == code), Word.NOBODY)
