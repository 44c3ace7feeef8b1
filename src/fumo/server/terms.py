"""On which terms a campaign goes on, as an operator says them. Pure.

Everything is checked here, at the door; what stands in a campaign is kept as it is said.
"""

from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server import windows
from fumo.server.campaign import is_of_held
from fumo.server.denied import Denied
from fumo.server.following import check_policy
from fumo.server.retention import DAY_S
from fumo.server.rollout import group_sizes
from fumo.server.rows import Campaign, CampaignState, Retries

TIME_MAX_S = 32_503_680_000.0
RATE_MAX = 1_000_000
DEADLINE_DAYS_MAX = 3650
BYTES_PER_S_MIN, BYTES_PER_S_MAX = 2_000, 10**12
"""A download slower than the least is dead to its device."""


class Terms(Struct, frozen=True, forbid_unknown_fields=True):
    """How a campaign goes on: shares in percent, thresholds in percent of a group.

    `starts`: by itself, as soon as it may; at `starts_at_s` where that is said. `approval`: by
    somebody else than who makes it. Nothing unsent is sent after `ends_at_s`. `wake`: devices
    that sleep are asked to come, `wake_rate` of them a minute. All its downloads at one depot share
    `bytes_per_s`, 0: as fast as they go.
    """

    starts: bool = True
    shares: tuple[int, ...] = ()
    success_percent: int = 0
    error_percent: int = 0
    rate: int = 0
    approval: bool = False
    starts_at_s: float | None = None
    ends_at_s: float | None = None
    windows: tuple[str, ...] = ()
    zone: str = "UTC"
    download_anytime: bool = False
    retries: Retries = Retries()
    consent: bool = False
    wake: bool = False
    wake_rate: int = 0
    descriptor: bool = False
    bytes_per_s: int = 0

    def campaign(self, plain: Campaign, devices: int) -> Campaign:
        """A campaign on these terms."""
        self._check(plain)
        starts_at_s = self.starts_at_s
        if self.starts and self.approval and starts_at_s is None:
            starts_at_s = plain.created_at_s  # as soon as it is approved
        return replace(
            plain,
            state=self._state(plain.created_at_s),
            sizes=group_sizes(devices, self.shares),
            success_percent=self.success_percent,
            error_percent=self.error_percent,
            rate=self.rate,
            rated_at_s=plain.created_at_s,
            approval=self.approval,
            starts_at_s=starts_at_s,
            ends_at_s=self.ends_at_s,
            windows=self.windows,
            zone=self.zone,
            download_anytime=self.download_anytime,
            retries=self.retries,
            consent=self.consent,
            wake=self.wake,
            wake_rate=self.wake_rate,
            descriptor=self.descriptor,
            bytes_per_s=self.bytes_per_s,
        )

    def _state(self, at_s: float) -> CampaignState:
        if not self.starts:
            return CampaignState.DRAFT
        if self.approval:
            return CampaignState.WAITING
        later = self.starts_at_s is not None and self.starts_at_s > at_s
        return CampaignState.SCHEDULED if later else CampaignState.RUNNING

    def _check(self, plain: Campaign) -> None:
        percents = (self.success_percent, self.error_percent)
        if not all(0 <= percent <= 100 for percent in percents) or not 0 <= self.rate <= RATE_MAX:
            raise Denied("thresholds are percents from 0 to 100, and a rate from 0 to a million")
        if not 0 <= self.wake_rate <= RATE_MAX or (self.wake_rate and not self.wake):
            raise Denied("a rate of waking is from 0 to a million, and needs a campaign that wakes")
        self._check_speed(plain)
        times = (one for one in (self.starts_at_s, self.ends_at_s) if one is not None)
        if not all(0 <= one <= TIME_MAX_S for one in times):
            raise Denied("times are seconds since 1970, before the year 3000")
        begins_at_s = max(plain.created_at_s, self.starts_at_s or 0.0)
        if self.ends_at_s is not None and self.ends_at_s <= begins_at_s:
            raise Denied("a campaign ends after it begins, and not in the past")
        if not 0 < plain.deadline_s <= DEADLINE_DAYS_MAX * DAY_S:
            raise Denied(f"a deadline is more than 0 seconds, and {DEADLINE_DAYS_MAX} days at most")
        windows.check(self.windows, self.zone)
        if plain.deadline_s <= windows.closed_s_max(self.windows):
            raise Denied("its deadline passes between two windows: give a longer one")
        check_policy(self.retries, of_held=is_of_held(plain.kind, carries=plain.carries))

    def _check_speed(self, plain: Campaign) -> None:
        if not self.bytes_per_s:
            return
        if not BYTES_PER_S_MIN <= self.bytes_per_s <= BYTES_PER_S_MAX:
            raise Denied(f"a speed is from {BYTES_PER_S_MIN:,} bytes a second to a trillion")
        if plain.kind is Kind.UPDATE:
            raise Denied("a speed is of downloads from the depot, and here is none")


def terms_of(campaign: Campaign) -> Terms:
    """The terms that a campaign stands on."""
    return Terms(
        starts=campaign.state is not CampaignState.DRAFT,
        success_percent=campaign.success_percent,
        error_percent=campaign.error_percent,
        rate=campaign.rate,
        approval=campaign.approval,
        starts_at_s=campaign.starts_at_s,
        ends_at_s=campaign.ends_at_s,
        windows=campaign.windows,
        zone=campaign.zone,
        download_anytime=campaign.download_anytime,
        retries=campaign.retries,
        consent=campaign.consent,
        wake=campaign.wake,
        wake_rate=campaign.wake_rate,
        descriptor=campaign.descriptor,
        bytes_per_s=campaign.bytes_per_s,
    )
