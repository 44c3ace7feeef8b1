"""A device's world in which every effect is asked: would a power cut now leave what permits you?

The journal is the disk. Before bytes leave, before a GET and before anything is written into a
slot, what the journal tells at that moment is looked at; nothing the agent has in memory counts.
"""

from fumo.codes import AlertCode, Kind
from fumo.device.ports import Link
from fumo.dm.alerts import told
from fumo.dm.auth import wanted
from fumo.dm.codec import decode
from fumo.dm.message import Alert, Envelope, Message, Status
from fumo.testing.disk import PowerCut
from fumo.testing.journal import MemoryJournal
from fumo.testing.network import Fault
from fumo.testing.update_agent import ScriptedUpdateAgent
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.operation import Alert as Result
from fumo.update.operation import Evidence, Phase
from fumo.update.record import ApplyIntent, AttemptRow, ExecIn, HeldRow, Seal

NEW = package(b"a newer firmware " * 200, "2")


class WatchedWorld(DeviceWorld):
    """One device; whoever acts before the disk permits it fails the test."""

    def __init__(self, **kinds) -> None:
        self.disk = MemoryJournal()
        super().__init__(journal=self.disk, **kinds)
        self.depot.files[URL] = NEW
        self.asked, self.depot.open_body = self.depot.open_body, self._fetches
        self.dies_telling = False
        """Does the power go while the first alert leaves?"""
        self.replies_lost = 0
        """How many of the next replies to an alert are lost."""
        self.tellings = 0
        """Messages with an alert in them that left."""

    @property
    def link(self) -> Link:
        return WatchedLink(self)

    def update_agent(self) -> ScriptedUpdateAgent:
        return WatchedAgent(self)

    def saved(self, kind: type) -> list:
        """The records of this kind on the disk."""
        return [record for record in self.disk.records if isinstance(record, kind)]

    def counted(self, phase: Phase) -> int:
        """Attempts on the disk."""
        rows = {(r.op_id, r.attempt.n) for r in self.saved(AttemptRow) if r.attempt.phase is phase}
        return len(rows)

    def _fetches(self, wish, timeout_s: float, redirects_max: int):
        begun = len(self.depot.fetches) + 1
        counted = self.counted(Phase.DOWNLOAD)
        assert begun <= counted, f"GET {begun} leaves, the disk has counted {counted} attempts"
        return self.asked(wish, timeout_s, redirects_max)


class WatchedAgent(ScriptedUpdateAgent):
    """Asks the disk before it touches a slot or its environment."""

    def __init__(self, world: WatchedWorld) -> None:
        super().__init__(world.environment)
        self._world = world

    def apply(self, intent):
        written = len(self._world.environment.written) + 1
        self._insist_intended(intent, written)
        return super().apply(intent)

    def flip(self, intent):
        self._insist_intended(intent, 1)
        assert not self._world.saved(Seal), "a flip after the seal"
        assert self.evidence(intent) is Evidence.WRITTEN, "a flip to a slot that is not whole"
        return super().flip(intent)

    def _insist_intended(self, intent, attempts: int) -> None:
        world = self._world
        assert intent in [row.intent for row in world.saved(ApplyIntent)], "no intent on the disk"
        counted = world.counted(Phase.APPLY)
        assert attempts <= counted, f"write {attempts}, the disk has counted {counted} attempts"


class WatchedLink:
    """Reads what leaves, and compares it with the disk."""

    def __init__(self, world: WatchedWorld) -> None:
        self._world = world

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        message = decode(body, media_type)
        tells = False
        for command in message.commands:
            if isinstance(command, Status):
                self._insist_promised(message, command)
            if isinstance(command, Alert) and command.code == AlertCode.GENERIC:
                self._insist_sealed(command)
                tells = True
        if tells:
            return self._tell(url, body, media_type, mac)
        return self._world.network.post(url, body, media_type, mac)

    def _tell(self, url: str, body: bytes, media_type: str, mac: str | None) -> Envelope:
        world = self._world
        world.tellings += 1
        if world.replies_lost:
            world.replies_lost -= 1
            world.network.faults.append(Fault.REPLY_LOST)
        reply = world.network.post(url, body, media_type, mac)
        if world.dies_telling:
            world.dies_telling = False
            raise PowerCut("while the alert left")
        return reply

    def _insist_promised(self, message: Message, status: Status) -> None:
        """A 202 for an Exec, and the nonce that goes with 212."""
        world, session_id = self._world, message.header.session_id
        if status.cmd == "Exec" and status.code == 202:
            orders = [row.order for row in world.saved(ExecIn)]
            asked = (session_id, status.msg_ref, status.cmd_ref)
            known = [(order.session_id, order.msg_id, order.cmd_id) for order in orders]
            assert asked in known, f"202 for Exec {asked} leaves, and is not on the disk"
        if status.chal is not None and status.code == 212:
            given = wanted(status.chal)[1]
            assert world.disk.nonces()[1] == given, "a nonce leaves that is not on the disk"

    def _insist_sealed(self, alert: Alert) -> None:
        sealed = {row.alert.correlator: row for row in self._world.saved(Seal)}
        for item in told(alert):
            row = sealed.get(item.correlator)
            assert row is not None, f"alert {item.number} leaves, and is not sealed on the disk"
            assert row.alert.result == item.number, "an alert that is not what was sealed"
            self._insist_true(row.op_id, row.alert)

    def _insist_true(self, op_id: int, result: Result) -> None:
        """A success is one also after a power cut."""
        world = self._world
        if result.result != 200:
            return
        kind = next(row.order.kind for row in world.saved(ExecIn) if row.order.op_id == op_id)
        if kind is Kind.DOWNLOAD:
            held = [row.held for row in world.saved(HeldRow)]
            assert held[-1] is not None, "a Download succeeded and holds nothing"
        else:
            tokens = [row.intent.token for row in world.saved(ApplyIntent)]
            seen = [world.environment.seen.get(token) for token in tokens]
            assert seen == [Evidence.GOOD], "success leaves, and the slot is not marked good"
