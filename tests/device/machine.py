"""A machine with two slots: real boot environment, update agent and `step`; the power can go.

Nothing but the two folders and the saved records outlives `starts`.
"""

import hashlib
from itertools import count

from fumo.codes import Kind
from fumo.device.edges.ab_file import AbFile, install_factory
from fumo.device.edges.boot_env import BootEnv
from fumo.testing.disk import MemoryFiles
from fumo.update import Policy, Target, duty, fold, records, reports, step
from fumo.update.duty import CheckHealth, Duty, Flip, Inspect, MarkGood, Prepare, Reboot, Write
from fumo.update.happening import (
    ExecAccepted,
    Happening,
    HealthFailed,
    HealthOk,
    Inspected,
    MarkedGood,
    PackageReplaced,
    Woke,
)
from fumo.update.operation import Held, Order
from tests.device.downloads import package

OLD, NEW = b"old firmware " * 100, b"new firmware! " * 120


class Coins:
    """Dice whose throws are known."""

    def __init__(self):
        self._numbers = count(1)

    def octets(self, number: int) -> bytes:
        return next(self._numbers).to_bytes(number, "big")

    def fraction(self) -> float:
        return 0.0


def held(data: bytes, manifest: bytes | None) -> Held:
    sha256 = hashlib.sha256(data).hexdigest()
    return Held(sha256, len(data), sha256, manifest=manifest)


class Machine:
    """Started with `starts`; `works` until nothing is owed or it reboots."""

    def __init__(self, data: bytes | None = None, raw: bool = False, sick: bool = False):
        self.slots, self.packages = MemoryFiles(), MemoryFiles()
        self.raw, self.sick = raw, sick
        self.policy = Policy(backoff_base_s=0.0)
        self.saved = []
        self.boots = 0
        self.dice = Coins()
        install_factory(self.slots, [OLD], "1")
        self.data = package(NEW) if data is None else data
        self.packages.replace("package", self.data)
        self.starts()

    @property
    def env(self) -> BootEnv:
        return BootEnv(self.slots)

    def starts(self) -> None:
        """The environment chooses the slot, then the agent wakes with nothing but the disk."""
        self.env.boot()
        self.boots += 1
        self.agent = AbFile(self.slots, self.packages, "lamp", self.dice, self.raw)
        self.target: Target = fold(self.saved)
        self.happen(Woke(self.boots, 0.0))

    def ordered(self, manifest: bytes | None) -> None:
        self.happen(PackageReplaced(held(self.data, manifest)))
        self.happen(ExecAccepted(Order(1, "s", "o", Kind.UPDATE, "c", "1", 1, 1)))

    def happen(self, happening: Happening) -> None:
        before, self.target = self.target, step(self.target, happening, self.policy)
        self.saved.extend(records(before, self.target))

    def works(self) -> None:
        while not self.results and isinstance(owed := duty(self.target, 0.0, self.boots), Duty):
            if owed.permit is not None:
                self.happen(owed.permit)
            if isinstance(owed, Reboot):
                self.starts()
            else:
                self.happen(self.effect(owed))

    def effect(self, owed: Duty) -> Happening:
        agent = self.agent
        match owed:
            case Prepare(order=order):
                return agent.prepare(order, self.target)
            case Inspect(op_id=op_id, intent=intent):
                return Inspected(op_id, agent.evidence(intent))
            case Write(intent=intent):
                return agent.apply(intent)
            case Flip(intent=intent):
                return agent.flip(intent)
            case CheckHealth(op_id=op_id, intent=intent):
                well = agent.healthy(intent) and not self.sick
                return HealthOk(op_id) if well else HealthFailed(op_id)
            case MarkGood(op_id=op_id, intent=intent):
                agent.mark_good(intent)
                return MarkedGood(op_id)
        raise AssertionError(owed)

    @property
    def results(self) -> list[int]:
        return [report.alert.result for report in reports(self.target)]

    def slot(self, name: str) -> bytes:
        return self.slots.read(name, 0, 1 << 20)
