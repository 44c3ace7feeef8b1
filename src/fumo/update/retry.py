"""Trying again: how long to wait, and what a failed attempt leaves written down. Pure."""

from msgspec.structs import replace

from fumo.update.operation import Attempt, Failure, Policy


def wait_s(policy: Policy, n: int, jitter: float, asked_s: float = 0.0) -> float:
    """Full jitter: a random part of a wait that doubles with each attempt up to a cap.

    What a server asked for is heard up to the same cap: nobody may put a device to sleep.
    """
    # The exponent is bounded first: a float cannot hold 2 to the power of a silly budget.
    longest_s = policy.backoff_base_s * 2.0 ** min(n - 1, 63)
    own_s = jitter * min(policy.backoff_cap_s, longest_s)
    return max(own_s, min(policy.backoff_cap_s, asked_s))


def failed_attempts(attempts: tuple[Attempt, ...], failure: Failure) -> tuple[Attempt, ...]:
    """The same attempts; the newest one says now why it ended."""
    *older, newest = attempts
    return (*older, replace(newest, failure=failure))
