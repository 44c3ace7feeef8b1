"""What a device is told once and keeps for its life: account, description, stubbornness, rhythm."""

from msgspec import Struct

from fumo.device.health import HealthRule
from fumo.dm.auth import Account
from fumo.dm.message import XML
from fumo.dm.session import LIMITS, Limits
from fumo.tree.objects import Description
from fumo.update.operation import Policy
from fumo.update.rule import Gates


class Rhythm(Struct, frozen=True):
    """When sessions are held.

    `poll_s`, more or less by the part `jitter` of it, parts two sessions of an idle device, and
    the first one comes within `first_s` of its start. While a result is not delivered the next
    session comes after a random part of `resend_base_s` · 2^n, but never later than the poll.
    Two contacts to which notifications lead are `notice_gap_s` to twice that apart; any two
    sessions are `gap_s` apart, or a poll where that is less. `requests`: a poll of a device with
    nothing to do asks for an update (FUMO 7).
    """

    poll_s: float = 60.0
    resend_base_s: float = 2.0
    notice_gap_s: float = 10.0
    jitter: float = 0.0
    first_s: float = 0.0
    gap_s: float = 0.0
    requests: bool = False


class Setup(Struct, frozen=True):
    """One device and its one server account. `objects` names its FUMO objects.

    `health` is what a new image must show before it is committed.
    `ui_alert_agrees`: a yes to a server's question (1101) is consent to what it orders then.
    `resync` lets a server that lost its nonces be believed by the nonce that everybody knows: weak.
    `takes` is how much the device takes in one message, and as one value.
    """

    account: Account
    server_url: str
    description: Description
    media_type: str = XML
    objects: tuple[str, ...] = ("Primary",)
    policy: Policy = Policy()
    gates: Gates = Gates()
    ui_alert_agrees: bool = False
    health: HealthRule = HealthRule()
    rhythm: Rhythm = Rhythm()
    resync: bool = False
    takes: Limits = LIMITS
