"""What the agent needs of the world, in the agent's own words.

Edges fit these by shape; `fumo.testing` has one of each that lives in memory. No port blocks for
longer than its docstring says, since sessions must go on while an operation runs.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from fumo.device.asking import Request
from fumo.dm.account import Provisioned
from fumo.dm.message import Envelope
from fumo.dm.ui import Question, Reply
from fumo.package.fitness import Device
from fumo.package.plan import Delta, Plan
from fumo.tree.written import Written
from fumo.update.conditions import Conditions
from fumo.update.happening import Happening
from fumo.update.operation import Evidence, Failure, Held, Intent, Order, Target
from fumo.update.records import Record
from fumo.update.tally import Word

Reader: TypeAlias = Callable[[int, int], bytes]
"""(offset, length) → up to that many bytes; b"" at the end. OSError."""


class Journal(Protocol):
    """The device's durable memory (`docs/reference/records.md`). Every call is one commit."""

    def load(self) -> Mapping[str, Target]:
        """The target that its records tell of each FUMO object, by address."""

    def save(self, object_uri: str, records: Iterable[Record]) -> None:
        """All of them, in one commit that survives a power cut, or none."""

    def new_boot(self) -> int:
        """The next boot_id: counted durably before it is given (D0)."""

    def new_session(self) -> str:
        """The next SessionID, upper-case hex, 1 to 4 digits, never "0" (D0)."""

    def nonces(self) -> tuple[bytes | None, bytes | None]:
        """(the nonce our next credentials use, the nonce we gave the server); None: never any."""

    def save_nonces(self, own: bytes | None, peer: bytes | None) -> None:
        """Saved before the first message that uses them."""

    def notified(self) -> Collection[int]:
        """The session ids of notifications heard, the newest ones at least."""

    def save_notified(self, session_id: int) -> None:
        """One more; the oldest may be forgotten."""

    def served(self) -> str | None:
        """The ServerID that lists of rights were written for; None: nobody's yet."""

    def save_served(self, server: str) -> None:
        """Saved once nothing in the tree names the one before."""

    def nodes(self) -> Mapping[str, Written]:
        """What servers wrote into the tree, by address."""

    def save_nodes(self, changes: Mapping[str, Written | None]) -> None:
        """All of them, or with None their removal, in one commit."""


class Accounts(Protocol):
    """The part of the journal that a bootstrap changes. Every call is one commit."""

    def account(self) -> Provisioned | None:
        """The account that a bootstrap gave, if one did."""

    def save_account(self, account: Provisioned) -> None:
        """In place of the one before, with its nonces, in one commit."""

    def pin_tries(self, document: bytes) -> int:
        """How many PINs were tried in vain on this document."""

    def save_pin_tries(self, document: bytes, used: int) -> None:
        """Saved before the next PIN is looked at."""


class Link(Protocol):
    """One DM message to the server, and its answer."""

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        """The server's reply; raises PeerError (a bad one) or OSError (none). Bounded by a
        time-out of 30 s, and by MaxMsgSize. `mac` goes into the header `x-syncml-hmac`."""


class Pushes(Protocol):
    """What is pushed to the device, by SMS or over UDP."""

    def take(self) -> Sequence[bytes]:
        """The datagrams that came since, each once. Never waits."""


class User(Protocol):
    """Whoever can be asked what a server asks by a UI alert."""

    def ask(self, question: Question) -> Reply:
        """Show it and wait for an answer, no longer than `question.wait_s`."""


class Circumstances(Protocol):
    """How things stand around the device: what gates are judged by."""

    def look(self) -> Conditions:
        """Now; what nobody can tell is None. Takes seconds at the most, and never raises."""


class Consent(Protocol):
    """A person who may say whether an operation goes on."""

    def answer(self, request: Request) -> Word | None:
        """What was said to it, once; None: nothing yet. Never waits, and asks on meanwhile."""


class Downloader(Protocol):
    """Fetches a package into the part file, a checkpoint at a time."""

    def fetch(self, order: Order, target: Target) -> Happening:
        """At most one checkpoint (16 MiB or 10 s): Progressed, Verified or Failed."""

    def discard(self) -> None:
        """Delete part file and held package; done twice it does no harm."""

    def abandon(self, cancelled: bool = False) -> None:
        """Delete the part file, which no operation goes on with: its room is wanted.

        `cancelled`: because a person wished so, which a download server may want to know."""

    def store(self, data: bytes) -> Happening:
        """PkgData: store, sync, and give PackageReplaced with what is held now."""


class Patcher(Protocol):
    """Makes a package out of what the device has already, and a delta (`fumo.package.plan`)."""

    def fits(self, delta: Delta, length: int) -> bool:
        """Can it make a package of `length` bytes: its format is known here, the memory it
        takes is allowed, and the base is here, whole (its digest is computed). Asked before
        anything of the delta is fetched. Never raises: what cannot be read does not fit."""

    def patch(self, delta: Delta, length: int, read: Reader) -> Iterator[bytes]:
        """The package, exactly `length` bytes, a piece at a time; `read` reads the delta file.
        DecodeError when the delta does not make it (too long is found before it is given), OSError
        when something cannot be read. Nothing it gives is vouched for: compare the digest."""


class Trust(Protocol):
    """Who vouches for packages, before a byte of them is asked for. Both may take a minute."""

    def vouch(self, order: Order, device: Device) -> Plan | Failure:
        """What is known of the package that PkgURL leads to and that fits this device, or why
        it is not taken. Never raises."""

    def vouch_held(self, held: Held, device: Device) -> Plan | Failure:
        """The same of a package that is here already, known by nothing but its digest."""


class UpdateAgent(Protocol):
    """What writes firmware. Steps may take long: the agent runs them aside."""

    def running_version(self) -> str:
        """The version of the image that runs now."""

    def device(self) -> Device:
        """What packages are judged against: before they are fetched, and by `prepare`. OSError."""

    def prepare(self, order: Order, target: Target) -> Happening:
        """Judge what is held: ApplyIntended with an intent and a fresh token, or Failed."""

    def apply(self, intent: Intent) -> Happening:
        """Write the inactive slot, sync, read back: Inspected(WRITTEN) or Failed."""

    def flip(self, intent: Intent) -> Happening:
        """Point the environment at the slot, on trial, carrying the token: Inspected(FLIPPED)."""

    def evidence(self, intent: Intent) -> Evidence:
        """What can be seen of the token now; `Evidence.UNKNOWN` when nothing can."""

    def healthy(self, intent: Intent) -> bool:
        """Does the intended image run, whole?"""

    def mark_good(self, intent: Intent) -> None:
        """Commit the environment to the running slot; done twice it does no harm."""

    def abort(self, intent: Intent) -> None:
        """The intent failed for good: undo what would still start its image, and what it left.
        Never touches what runs; done twice, or when nothing was begun, it does no harm."""


class Aside(Protocol):
    """Runs one long effect at a time beside the loop."""

    def begin(self, effect: "Effect") -> None:
        """Start it; MisuseError if one runs already."""

    def poll(self) -> "Happening | None":
        """Its happening once it ended, else None."""

    @property
    def busy(self) -> bool:
        """An effect runs, or its happening was not taken yet."""


class Effect(Protocol):
    """A long effect: gives the happening it ended in."""

    def __call__(self) -> Happening:
        """Run it to its end."""


class Clock(Protocol):
    """Monotonic time, and sleeping in it."""

    def now_s(self) -> float:
        """Seconds that never go back; unrelated to any calendar."""

    def sleep(self, seconds: float) -> None:
        """Wait, or wake earlier when there is news."""


class Dice(Protocol):
    """Randomness."""

    def octets(self, count: int) -> bytes:
        """Unguessable bytes."""

    def fraction(self) -> float:
        """Even in [0, 1)."""


class Log(Protocol):
    """Tells people what happens, one event a line."""

    def __call__(self, event: str, **values: object) -> None:
        """`event` in a few words, then values by name."""
