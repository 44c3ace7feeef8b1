"""What the server knows of a campaign, as a value: a row of its store. Pure."""

from enum import StrEnum

from msgspec import Struct

from fumo.codes import Kind

DEADLINE_S = 7 * 24 * 3600.0
"""How long an alert is waited for, unless the campaign says otherwise."""


class CampaignState(StrEnum):
    """Where a campaign stands; the moves between them are in `steering.ORDERS`."""

    DRAFT = "draft"
    WAITING = "waiting_approval"
    APPROVED = "approved"
    DENIED = "denied"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"


class Retries(Struct, frozen=True):
    """What is ordered anew by the campaign itself.

    A device is tried `count` times more at most, each time `wait_s` after an end that `on` names:
    a result code, or *failed* for them all, *refused*, *unknown*, *expired*.
    """

    count: int = 0
    wait_s: float = 3600.0
    on: tuple[str, ...] = ()


class Campaign(Struct, frozen=True):
    """Operations of one kind and one package for many devices.

    `sizes` are the devices of its groups, `opened` how many groups are open; without `sizes` it is
    one group. `success_percent` of the newest group open the next one, by themselves from 1 on;
    `error_percent` of it pause the campaign, 0: never. `forgiven` errors came before an operator
    resumed it. `rate` devices a minute are started, 0: all at once; `rated_at_s` is when it was
    used up. `filter` chose its devices, and a `dynamic` one goes on choosing. `unsettled`: a pause
    or an end has not reached all its operations yet. With `approval` somebody else than who made it
    must approve it.

    Nothing is ordered outside of its `windows` (`windows.is_open`), but downloads where they may be
    at any time. `then_update`: what was downloaded is updated by a second operation. `wake`: who is
    ordered something is asked to come, `wake_rate` devices a minute, 0: all at once.
    `descriptor`: PkgURL leads to a descriptor of the package. All its downloads at one depot share
    `bytes_per_s`, 0: as fast as they go.
    """

    id: int
    name: str
    package_id: int
    kind: Kind
    created_at_s: float
    deadline_s: float = DEADLINE_S
    state: CampaignState = CampaignState.RUNNING
    sizes: tuple[int, ...] = ()
    opened: int = 1
    success_percent: int = 0
    error_percent: int = 0
    forgiven: int = 0
    rate: int = 0
    rated_at_s: float = 0.0
    why: str = ""
    filter: str = ""
    dynamic: bool = False
    unsettled: bool = False
    made_by: str = ""
    approval: bool = False
    approved_by: str = ""
    starts_at_s: float | None = None
    ends_at_s: float | None = None
    windows: tuple[str, ...] = ()
    zone: str = "UTC"
    download_anytime: bool = False
    then_update: bool = False
    retries: Retries = Retries()
    consent: bool = False
    carries: bool = False
    wake: bool = False
    wake_rate: int = 0
    descriptor: bool = False
    bytes_per_s: int = 0
