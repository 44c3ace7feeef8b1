"""What a device does with a bootstrap: count the try, judge, ask its owner, keep the account.

Promises: a try of a PIN is on disk before the PIN is looked at, so that cutting the power wins no
further one. An account changes only when the document is proven *and* the owner agrees, and then
in one commit, with the nonces it brings. Nothing is ever sent; the next life begins with a session.
"""

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from fumo.device.ports import Accounts
from fumo.dm.account import Provisioned
from fumo.dm.bootstrap import (
    TRIES_MAX,
    Bootstrap,
    Judgement,
    Refused,
    Secrets,
    judge,
    tries_a_pin,
)

Consent: TypeAlias = Callable[[Provisioned, Provisioned | None], bool]
"""Does the owner agree to this account, in place of that one?"""


class Taken(Struct, frozen=True):
    """The account is the device's own now."""

    account: Provisioned


class Declined(Struct, frozen=True):
    """It was proven, and its owner did not want it."""


Outcome: TypeAlias = Taken | Declined | Refused


def take(accounts: Accounts, bootstrap: Bootstrap, secrets: Secrets, agrees: Consent) -> Outcome:
    """Judge a bootstrap, and take the account if everything says so."""
    told = judged(accounts, bootstrap, secrets)
    if isinstance(told, Refused):
        return told
    if not agrees(told.account, accounts.account()):
        return Declined()
    accounts.save_account(told.account)
    return Taken(told.account)


def judged(accounts: Accounts, bootstrap: Bootstrap, secrets: Secrets) -> Judgement:
    """The judgement, its try counted first; a PIN that proved right has spent none."""
    document, used = bootstrap.known_by, accounts.pin_tries(bootstrap.known_by)
    counts = used < TRIES_MAX and tries_a_pin(bootstrap, secrets)
    if counts:
        accounts.save_pin_tries(document, used + 1)
    told = judge(bootstrap, secrets, used)
    if counts and not (isinstance(told, Refused) and told.tries_left < TRIES_MAX - used):
        accounts.save_pin_tries(document, 0)
    return told
