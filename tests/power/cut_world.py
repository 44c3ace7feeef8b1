"""A whole device whose power can be cut at every durable write and at every effect.

Real: the agent, the journal (SQLite), the downloader, the update agent and its boot environment.
In memory: the folders (with what a cut does to them), the network, the depot, the server. `Power`
counts the moments of all of them in one row, so a story can be run once, and then again with a
cut at each moment. What happened is noted outside the device, in `seen`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct

from fumo.codes import AlertCode, Kind
from fumo.device.agent import Ending
from fumo.device.edges.ab_file import AbFile, install_factory
from fumo.device.edges.boot_env import BootEnv
from fumo.device.edges.http_body import Body
from fumo.device.edges.http_source import Wish
from fumo.device.edges.journal import SqliteJournal
from fumo.device.edges.pace import Limits
from fumo.device.ports import Link, UpdateAgent
from fumo.dm.alerts import told
from fumo.dm.codec import decode
from fumo.dm.message import Alert, Envelope
from fumo.dm.session import Request, SessionState
from fumo.testing.depot import MemoryDepot
from fumo.testing.disk import Damage, MemoryFiles, Moment, PowerCut
from fumo.testing.server import OBJECT, ScriptedServer, exec_node, replace_leaf
from fumo.testing.world import MODEL, URL, DeviceWorld, package
from fumo.tree.written import Written
from fumo.update.operation import Intent, Phase, Policy, Settled, Target
from fumo.update.records import AttemptRow, Record

IMAGE = bytes(range(256)) * 12
VERSION = "2"
CORRELATOR = "c-1"
LIVES_MAX = 60
LIMITS = Limits(checkpoint_bytes=1200)


class Cut(Struct, frozen=True):
    """The power goes at the n-th moment since the story began."""

    n: int
    moment: Moment
    damage: Damage = Damage.ALL


class Power:
    """Counts moments; says which of them is the planned end."""

    def __init__(self, cuts: Iterable[Cut] = ()) -> None:
        self._cuts = {cut.n: cut for cut in cuts}
        self.always: str | None = None
        """The power goes after every moment of this name: a crash loop."""
        self.count = 0
        self.names: list[str] = []
        self.damage = Damage.ALL

    def moment(self, name: str) -> Moment | None:
        """One more moment."""
        self.count += 1
        self.names.append(name)
        if name == self.always:
            return Moment.AFTER
        cut = self._cuts.get(self.count)
        if cut is None:
            return None
        self.damage = cut.damage
        return cut.moment

    def around(self, name: str, deed: Callable[[], object]) -> object:
        """A deed that is done whole or not at all."""
        moment = self.moment(name)
        if moment is Moment.BEFORE:
            raise PowerCut(f"before {name}")
        result = deed()
        if moment is not None:
            raise PowerCut(f"after {name}")
        return result


class CutFiles(MemoryFiles):
    """A folder whose operations are moments of the power."""

    def __init__(self, power: Power, name: str, seen: list[tuple[str, str]]) -> None:
        super().__init__()
        self._power, self._name, self._seen = power, name, seen

    def _moment(self) -> Moment | None:
        verb, name = self.log[-1]
        if verb == "write" and name.startswith("slot"):
            self._seen.append(("slot written", name))
        return self._power.moment(f"{self._name}: {verb} {name}")


class CutJournal:
    """The real journal, each commit a moment. The object below is the disk."""

    def __init__(self, journal: SqliteJournal, power: Power) -> None:
        self._journal, self._power = journal, power
        self.attempts: dict[Phase, int] = dict.fromkeys(Phase, 0)
        """The highest number that an attempt of each phase ever had."""

    def load(self) -> Mapping[str, Target]:
        return self._journal.load()

    def save(self, object_uri: str, records: Iterable[Record]) -> None:
        batch = tuple(records)
        for record in batch:
            if isinstance(record, AttemptRow):
                one = record.attempt
                self.attempts[one.phase] = max(self.attempts[one.phase], one.n)
        name = "+".join(type(record).__name__ for record in batch)
        self._power.around(f"save {name}", lambda: self._journal.save(object_uri, batch))

    def new_boot(self) -> int:
        return int(str(self._power.around("new boot", self._journal.new_boot)))

    def new_session(self) -> str:
        return str(self._power.around("new session", self._journal.new_session))

    def nonces(self) -> tuple[bytes | None, bytes | None]:
        return self._journal.nonces()

    def save_nonces(self, own: bytes | None, peer: bytes | None) -> None:
        self._power.around("save nonces", lambda: self._journal.save_nonces(own, peer))

    def notified(self) -> Collection[int]:
        return self._journal.notified()

    def save_notified(self, session_id: int) -> None:
        self._power.around("save notified", lambda: self._journal.save_notified(session_id))

    def served(self) -> str | None:
        return self._journal.served()

    def save_served(self, server: str) -> None:
        self._power.around("save served", lambda: self._journal.save_served(server))

    def nodes(self) -> Mapping[str, Written]:
        return self._journal.nodes()

    def save_nodes(self, changes: Mapping[str, Written | None]) -> None:
        self._power.around("save nodes", lambda: self._journal.save_nodes(changes))


class CutDepot(MemoryDepot):
    """Each GET is a moment, and is noted."""

    def __init__(self, power: Power, seen: list[tuple[str, str]]) -> None:
        super().__init__()
        self._power, self._seen = power, seen

    def open_body(self, wish: Wish, timeout_s: float, redirects_max: int) -> Body:
        moment = self._power.moment("fetch")
        if moment is Moment.BEFORE:
            raise PowerCut("before a GET")
        self._seen.append(("fetch", wish.url))
        if moment is not None:
            raise PowerCut("in a GET")
        return super().open_body(wish, timeout_s, redirects_max)


class CutLink:
    """Each exchange is a moment: before it left, after the server did it, after it was heard."""

    def __init__(self, server: ScriptedServer, power: Power, saw: Callable[[str], None]) -> None:
        """`saw` is told each result that leaves, before the server hears it."""
        self._server, self._power, self._saw = server, power, saw

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        moment = self._power.moment("exchange")
        if moment is Moment.BEFORE:
            raise PowerCut("before an exchange")
        for command in decode(body, media_type).commands:
            if isinstance(command, Alert) and command.code == AlertCode.GENERIC:
                for one in told(command):
                    self._saw(one.data)
        reply = self._server.post(url, body, media_type, mac)
        if moment is not None:
            raise PowerCut("in an exchange")
        return reply


class StubbornServer(ScriptedServer):
    """Orders one operation, and again with the same Correlator until it is answered or told."""

    def __init__(self, kind: Kind, data: bytes) -> None:
        """`data` is what an Update is given as PkgData."""
        super().__init__()
        where = f"{OBJECT}/{kind}"
        url, held = (
            replace_leaf(f"{where}/PkgURL", URL),
            replace_leaf(f"{where}/PkgData", data, "bin"),
        )
        self._prepare = held if kind is Kind.UPDATE else url
        self._exec = exec_node(where, CORRELATOR)
        self._seen = 0

    @property
    def accepted(self) -> bool:
        """Was the Exec answered 202?"""
        return any(a.purpose == "exec" and a.code == 202 for a in self.answers)

    def _next(self, session: SessionState) -> list[Request]:
        free = session.trusted and session.may_ask and not session.pending
        if self.accepted or self.heard or not free:
            return []
        # The Exec leaves only after the package was set, or 403 told that it is in use.
        answered = [one for one in self.answers[self._seen :] if one.purpose == "prepare"]
        self._seen = len(self.answers)
        if answered:
            return [Request("exec", self._exec)]
        return [Request("prepare", self._prepare)]


class CutWorld(DeviceWorld):
    """The story of one order, with the cuts that are planned for it."""

    def __init__(self, kind: Kind, cuts: Iterable[Cut] = ()) -> None:
        """Faults of other kinds are set before `run`."""
        self.kind, self.sqlite, self.power = kind, SqliteJournal(":memory:"), Power(cuts)
        self.cut_journal = CutJournal(self.sqlite, self.power)
        super().__init__(self.cut_journal, Policy(backoff_base_s=0.5), LIMITS)
        self.seen: list[tuple[str, str]] = []
        """What left a trace outside the device, in order: (what, which)."""
        self.files = CutFiles(self.power, "files", self.seen)
        self.slots = CutFiles(self.power, "slots", self.seen)
        factory = MemoryFiles()
        install_factory(factory, [b"factory"], "1")
        self.slots.volatile, self.slots.durable = factory.volatile, factory.durable
        self.depot = CutDepot(self.power, self.seen)
        self.depot.files[URL] = package(IMAGE, VERSION)
        self.server = StubbornServer(kind, package(IMAGE, VERSION))
        self._link = CutLink(self.server, self.power, self._saw_alert)
        self.sick = False
        self.cuts = 0

    @property
    def link(self) -> Link:
        return self._link

    @property
    def target(self) -> Target:
        return self.sqlite.load().get(OBJECT, Target())

    @property
    def good_version(self) -> str:
        """The version the environment is committed to."""
        env = BootEnv(self.slots).known()
        return env.images[env.good].version

    def update_agent(self) -> UpdateAgent:
        kind = SickAbFile if self.sick else AbFile
        return kind(self.slots, self.files, MODEL, self.dice)

    def boot(self) -> None:
        env = BootEnv(self.slots).boot()
        if env.trial is not None and env.trial.boots == 1:
            self.seen.append(("activated", env.trial.token))

    def run(self) -> Ending:
        """Live through all cuts until nothing is owed."""
        for _ in range(LIVES_MAX):
            try:
                ending = self.live()
            except PowerCut:
                self._lights_out()
                continue
            self._check_promises()
            if ending is not Ending.REBOOT:
                return ending
        raise AssertionError(f"{LIVES_MAX} lives and no end: {self.power.names[-20:]}")

    def what(self, kind: str) -> list[str]:
        """All that was seen of one kind."""
        return [which for what, which in self.seen if what == kind]

    def _lights_out(self) -> None:
        self.cuts += 1
        for files in (self.files, self.slots):
            files.cut(self.power.damage, seed=self.power.count)
        self._check_promises()

    def _check_promises(self) -> None:
        """What was promised to the server before this moment still stands."""
        target = self.target
        if self.server.accepted:
            assert target.last_op_id == 1, "I9: answered 202 and forgotten"
        if any(isinstance(operation, Settled) for operation in target.operations):
            assert self.server.heard, "I8: settled, and the server never heard it"

    def _saw_alert(self, result: str) -> None:
        """Success leaves only when the slot is committed, failure only when it is not."""
        self.seen.append(("alert", result))
        if self.kind is Kind.DOWNLOAD:
            held = self.target.held is not None
            assert held == (result == "200"), "I5: a Download told what is not so"
        else:
            committed = self.good_version == VERSION
            assert committed == (result == "200"), f"I5, I5b: {result} at {self.good_version}"


class SickAbFile(AbFile):
    """The new image is never well."""

    def healthy(self, intent: Intent) -> bool:
        return False
