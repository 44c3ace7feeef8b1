"""Waking devices: how often one is asked for a session, by which way, and until when. Pure.

A *wake* is what a server owes a device that sleeps: notifications, again and again with longer
waits, until the device comes. A session id belongs to one wake of one device; a notification may
be sent twice, a session id is never given to another. An attempt is saved before it is sent.
"""

import re
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from fumo.dm.wsp import PUSH_PORT, Push
from fumo.server import windows
from fumo.server.denied import Denied
from fumo.server.places import host_and_port
from fumo.server.rollout import ENDED
from fumo.server.rows import Campaign, CampaignState
from fumo.server.webhook import check_url

ATTRIBUTE = "wake"
"""The attribute of a device that says by which way it is woken."""
KINDS = ("udp", "sms", "pap", "mqtt", "http")
NUMBER = re.compile(r"\+?[0-9]{3,20}")
PHONE = re.compile(
    r"\+?[0-9]{3,20}|WAPPUSH=[!-.0-~]{1,100}/TYPE=(PLMN|USER|IPv4|IPv6)@[\w.-]{1,100}"
)
"""What a push gateway knows. Kannel 1.4.5 hangs for ever over an address of another form."""
TOPIC = re.compile(r"[^+#\0\s]{1,250}")

ATTEMPTS_MAX = 8
FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 6 * 3600.0
SAME_SESSION = 3
"""Attempts that ask for the same session: a device that heard the first of them ignores the rest.
After these it may have heard one and come to nothing, so the next ones ask for a new session."""
AGAIN_S = 600.0
"""A device that came is left alone for so long, before what it was not told then wakes it again."""
PACE_S = 60.0
"""A rate is made up for so long at most."""


class WakeState(StrEnum):
    """*Waiting* was not asked yet; *came* and *over* and *given up* are ends."""

    WAITING = "waiting"
    ASKED = "asked"
    CAME = "came"
    OVER = "over"
    GIVEN_UP = "given_up"


class Wake(Struct, frozen=True):
    """What a device is owed. Open while `next_at_s` says when the next attempt is due.

    `campaign_id` 0: an operator asked. `place` empty: what its attribute says at that moment.
    `session_id` 0: the next attempt takes a new one. `why` is what was wrong last.
    """

    device_id: str
    campaign_id: int
    operation_id: int | None
    kind: str
    place: str
    ui: str
    session_id: int = 0
    attempts: int = 0
    state: WakeState = WakeState.WAITING
    since_s: float = 0.0
    next_at_s: float | None = None
    asked_at_s: float | None = None
    came_at_s: float | None = None
    why: str = ""


class ContactKind(StrEnum):
    """What happened between us and a device that sleeps."""

    ASKED = "asked"
    FAILED = "failed"
    CAME = "came"
    GIVEN_UP = "given_up"


class Contact(Struct, frozen=True):
    """One line of a device's history of being woken."""

    device_id: str
    at_s: float
    kind: ContactKind
    session_id: int
    attempt: int
    way: str
    text: str
    campaign_id: int | None = None
    operation_id: int | None = None


class Way(Struct, frozen=True):
    """By which sender, and where to."""

    kind: str
    place: str

    def __str__(self) -> str:
        if self.kind == "http":  # what follows may be a secret of its receiver
            return "/".join(self.place.split("/")[:3])
        return f"{self.kind}:{self.place}"


class Parcel(Struct, frozen=True):
    """What a sender carries: to which device, where that is, and what is pushed there.

    `session` is the session id it asks for; empty: it asks for none.
    """

    device_id: str
    place: str
    push: Push
    session: str = ""


class Sent(Struct, frozen=True):
    """What came of a sending. `down`: the sender itself does not work now, for nobody."""

    trouble: str = ""
    down: bool = False

    @property
    def good(self) -> bool:
        """Is it on its way? Nothing tells whether it arrives."""
        return not self.trouble


class Patience(Struct, frozen=True):
    """How often a device is asked, and how long after the first time it is asked again."""

    attempts: int = ATTEMPTS_MAX
    wait_s: float = FIRST_WAIT_S

    def after_s(self, attempt: int) -> float:
        """How long after this attempt: each wait is twice the one before, six hours at most."""
        longest = max(self.wait_s, LONGEST_WAIT_S)
        return float(min(self.wait_s * 2 ** min(attempt - 1, 20), longest))


def way_of(text: str) -> Way:
    """Read an address. Denied: it is none by which a device can be woken."""
    kind, _, place = text.partition(":")
    if kind in ("https", "http"):
        check_url(text)
        return Way("http", text)
    if kind == "udp":
        return Way("udp", "{}:{}".format(*_udp(place)))
    rule = {"sms": NUMBER, "pap": PHONE, "mqtt": TOPIC}.get(kind)
    if rule is None or not rule.fullmatch(place):
        raise Denied(
            f"{text[:80]!r} is no address to wake a device: there are udp:HOST:PORT, sms:+NUMBER,"
            " pap:ADDRESS, mqtt:TOPIC and https://..."
        )
    return Way(kind, place)


def is_way(text: str) -> bool:
    """Does it say a kind of way, and not a host alone?"""
    return text.partition(":")[0] in (*KINDS, "https")


def _udp(place: str) -> tuple[str, int]:
    try:
        host, port = host_and_port(place, PUSH_PORT)
    except ValueError as fault:
        raise Denied(f"udp: {fault}") from None
    return (f"[{host}]" if ":" in host else host), port


class Leave(StrEnum):
    """What a campaign says of waking at a moment."""

    GO = "go"
    WAIT = "wait"
    END = "end"


def leave(campaign: Campaign | None, at_s: float) -> Leave:
    """May devices be woken for it now? Nothing is, where nothing could be ordered."""
    if campaign is None or campaign.state in ENDED:
        return Leave.END
    if campaign.ends_at_s is not None and campaign.ends_at_s < at_s:
        return Leave.END
    if campaign.state is not CampaignState.RUNNING or campaign.unsettled:
        return Leave.WAIT
    open_now = windows.is_open(campaign.windows, campaign.zone, at_s)
    return Leave.GO if open_now or campaign.download_anytime else Leave.WAIT


class Pace(Struct, frozen=True):
    """How many may be woken now, and until when the rate is used up then."""

    number: int
    used_at_s: float


def pace(rate: int, used_at_s: float, at_s: float, wanted: int) -> Pace:
    """Out of a rate by the minute, 0: no bound. A clock that was set back begins anew."""
    if rate == 0:
        return Pace(wanted, at_s)
    if used_at_s > at_s + PACE_S:
        return Pace(0, at_s)  # what is used up then begins to be made up now
    since_s = min(max(at_s - used_at_s, 0.0), PACE_S)
    number = min(int(rate * since_s / 60), wanted)
    return Pace(number, at_s - since_s + number * 60 / rate)


def asked(wake: Wake, session_id: int, at_s: float, patience: Patience) -> Wake:
    """After one more attempt, which is yet to be sent."""
    number = wake.attempts + 1
    return replace(
        wake,
        session_id=session_id,
        attempts=number,
        state=WakeState.ASKED,
        asked_at_s=at_s,
        next_at_s=at_s + patience.after_s(number),
        why="",
    )


def asks_anew(wake: Wake) -> bool:
    """Does the next attempt ask for a new session?"""
    return wake.session_id == 0 or (wake.attempts > 0 and wake.attempts % SAME_SESSION == 0)


def failed(wake: Wake, sent: Sent, at_s: float, rest_s: float) -> Wake:
    """After an attempt that did not leave; one that no device could be told is not counted."""
    if not sent.down:
        return replace(wake, why=sent.trouble)
    return replace(
        wake, attempts=max(wake.attempts - 1, 0), next_at_s=at_s + rest_s, why=sent.trouble
    )


def came(wake: Wake, at_s: float) -> Wake:
    """The device began a session: what it is still not told then wakes it again, later."""
    again_s = None if wake.operation_id is None else at_s + AGAIN_S
    return replace(
        wake, state=WakeState.CAME, came_at_s=at_s, session_id=0, next_at_s=again_s, why=""
    )


def again(before: Wake, wake: Wake) -> Wake:
    """What an operator asks for, of a device that is being woken already: the session stays."""
    session_id = before.session_id if before.state is WakeState.ASKED else 0
    return replace(wake, session_id=session_id, operation_id=before.operation_id)


def over(wake: Wake, why: str) -> Wake:
    """Nobody needs it any more."""
    state = WakeState.CAME if wake.state is WakeState.CAME else WakeState.OVER
    return replace(wake, state=state, next_at_s=None, why=why)


def given_up(wake: Wake) -> Wake:
    """It was asked often enough."""
    why = f"it did not come after {wake.attempts} notifications"
    return replace(wake, state=WakeState.GIVEN_UP, next_at_s=None, why=wake.why or why)
