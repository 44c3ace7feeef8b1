"""The device's journal in memory: what was saved is what `fold` tells, across any restart."""

from collections.abc import Collection, Iterable, Mapping

from fumo.dm.account import Provisioned
from fumo.tree.written import Written
from fumo.update.operation import Target
from fumo.update.records import Record, fold


class MemoryJournal:
    """Implements `Journal`. The object is the disk: give it to the next life of the agent."""

    def __init__(self) -> None:
        """A new device's."""
        self.records: list[Record] = []
        """Those of all objects, in the order in which they were saved."""
        self._objects: dict[str, list[Record]] = {}
        self._boot_id = 0
        self._session = 0
        self._nonces: tuple[bytes | None, bytes | None] = (None, None)
        self._nodes: dict[str, Written] = {}
        self._served: str | None = None
        self._notified: list[int] = []
        self._account: Provisioned | None = None
        self._pin_tries: dict[bytes, int] = {}

    def load(self) -> Mapping[str, Target]:
        """The target of each object."""
        return {uri: fold(records) for uri, records in self._objects.items()}

    def save(self, object_uri: str, records: Iterable[Record]) -> None:
        """All of them."""
        batch = tuple(records)
        self.records += batch
        self._objects.setdefault(object_uri, []).extend(batch)

    def new_boot(self) -> int:
        """The next boot_id."""
        self._boot_id += 1
        return self._boot_id

    def new_session(self) -> str:
        """The next SessionID."""
        self._session = self._session % 0xFFFF + 1
        return f"{self._session:X}"

    def nonces(self) -> tuple[bytes | None, bytes | None]:
        """(for our next credentials, for the server's)."""
        return self._nonces

    def save_nonces(self, own: bytes | None, peer: bytes | None) -> None:
        """Both."""
        self._nonces = own, peer

    def notified(self) -> Collection[int]:
        """The session ids of notifications heard."""
        return tuple(self._notified)

    def save_notified(self, session_id: int) -> None:
        """One more."""
        self._notified.append(session_id)

    def account(self) -> Provisioned | None:
        """The account that a bootstrap gave."""
        return self._account

    def save_account(self, account: Provisioned) -> None:
        """In place of the one before."""
        self._account = account
        self._nonces = account.own_nonce, account.server_nonce

    def pin_tries(self, document: bytes) -> int:
        """PINs tried in vain."""
        return self._pin_tries.get(document, 0)

    def save_pin_tries(self, document: bytes, used: int) -> None:
        """One more, or none."""
        self._pin_tries[document] = used

    def served(self) -> str | None:
        """The ServerID that lists of rights were written for."""
        return self._served

    def save_served(self, server: str) -> None:
        """Another one."""
        self._served = server

    def nodes(self) -> Mapping[str, Written]:
        """What servers wrote into the tree."""
        return dict(self._nodes)

    def save_nodes(self, changes: Mapping[str, Written | None]) -> None:
        """All of them."""
        for address, one in changes.items():
            self._nodes.pop(address, None)
            if one is not None:
                self._nodes[address] = one
