"""How much there may be of what, unless an operator says otherwise. Pure."""

from msgspec import Struct

MOST_MAX = 1 << 62


class Quota(Struct, frozen=True):
    """What is counted, and the number that holds where nobody set another."""

    words: str
    most: int


QUOTAS = {
    "devices": Quota("devices that may come", 10_000_000),
    "running-campaigns": Quota("campaigns that run at once", 200),
    "devices-without-approval": Quota("devices in a campaign that nobody approves", 10_000_000),
    "users": Quota("users", 1_000),
    "tokens-of-a-user": Quota("tokens of one user, sessions among them", 50),
    "wrong-passwords-of-a-user-at-a-place": Quota("wrong passwords before somebody waits", 5),
    "wrong-passwords-of-a-place": Quota("wrong passwords before a place waits", 20),
    "wrong-passwords-of-a-user": Quota("wrong passwords before a user waits everywhere", 100),
    "requests-of-a-user": Quota("requests of one user a minute, by all his tokens", 3_000),
    "requests-of-a-token": Quota("requests by one token a minute", 1_500),
    "refusals-of-an-address": Quota(
        "requests a minute without a proof that fits, of one place", 60
    ),
}
