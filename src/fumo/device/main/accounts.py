"""The account a device works with: the one in its settings, or the one that a bootstrap gave."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec.structs import replace

from fumo.device.edges.journal import SqliteJournal
from fumo.device.edges.machine import alone, named
from fumo.device.ports import Accounts
from fumo.device.settings import Settings, scheme_word


class NoAccount(OSError):
    """The device was told no account, and no bootstrap gave it one."""


def settled(settings: Settings) -> Settings:
    """With the account of the journal, where the settings name none. OSError: there is none."""
    if settings.server.url:
        return settings
    state = settings.device.state
    with accounts(state) as journal:
        stored = journal.account()
    if stored is None:
        raise NoAccount(f"no account in {state}: name a server, or take a bootstrap first")
    server = replace(
        settings.server,
        url=stored.url,
        id=stored.server_id,
        name=stored.server.name,
        password=stored.server.secret,
        user=stored.own.name,
        user_password=stored.own.secret,
        scheme=scheme_word(stored.scheme),
    )
    return replace(settings, server=server)


@contextmanager
def accounts(state: str) -> Iterator[Accounts]:
    """What a device knows of accounts, while no agent works there. OSError: one does."""
    with ExitStack() as stack:
        with named(f"device.state: {state}"):
            stack.enter_context(alone(Path(state)))
        yield stack.enter_context(SqliteJournal(Path(state) / "journal.db"))
