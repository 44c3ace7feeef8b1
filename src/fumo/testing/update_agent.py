"""An update agent that does as it is told: for stories in which no image matters.

`Environment` is its boot environment and outlives the agent; `evidence` is read off it, so that
also here nothing that is remembered counts.
"""

from dataclasses import dataclass, field

from fumo.package.fitness import Device
from fumo.update.failures import Cause, failure
from fumo.update.happening import ApplyIntended, Failed, Happening, Inspected
from fumo.update.operation import Evidence, Intent, Order, Target

TRIALS_MAX = 3


@dataclass
class Environment:
    """What the machine keeps of slots, and how it behaves."""

    version: str = "1"
    next_version: str = "2"
    unfit: Cause | None = None
    """Why `prepare` refuses the package, if it does."""
    write_faults: list[Cause] = field(default_factory=list)
    """The causes for which the next writes fail, one each."""
    sick: bool = False
    """Is the new image unwell?"""
    written: list[str] = field(default_factory=list)
    """Tokens, one for each time the slot was written."""
    flipped: list[str] = field(default_factory=list)
    aborted: list[str] = field(default_factory=list)
    seen: dict[str, Evidence] = field(default_factory=dict)
    trials: int = 0

    def boot(self) -> None:
        """The machine starts: what was flipped is tried, and given up after some trials."""
        for token, evidence in self.seen.items():
            if evidence in (Evidence.FLIPPED, Evidence.TRIAL):
                self.trials += 1
                fallen = self.trials > TRIALS_MAX
                self.seen[token] = Evidence.FELL_BACK if fallen else Evidence.TRIAL


class ScriptedUpdateAgent:
    """Implements `UpdateAgent`."""

    def __init__(self, environment: Environment) -> None:
        """The environment decides what happens."""
        self._env = environment

    def running_version(self) -> str:
        """The version that runs now."""
        return self._env.version

    def device(self) -> Device:
        """A device of no model: this agent judges nothing."""
        return Device("world", self._env.version)

    def prepare(self, order: Order, target: Target) -> Happening:
        """The intent, or the refusal that the environment wants."""
        if self._env.unfit is not None:
            return Failed(order.op_id, failure(self._env.unfit))
        held = target.held
        assert held is not None
        token = f"{order.op_id}-{len(self._env.seen)}"
        versions = (self._env.version, self._env.next_version)
        image = (held.sha256, held.length)
        intent = Intent(token, "slot-b", *versions, *image, boot_id=target.boot_id)
        return ApplyIntended(order.op_id, intent)

    def apply(self, intent: Intent) -> Happening:
        """The slot is written, or its fault comes up."""
        op_id = _op_id(intent)
        self._env.written.append(intent.token)
        if self._env.write_faults:
            self._env.seen.pop(intent.token, None)
            return Failed(op_id, failure(self._env.write_faults.pop(0)))
        self._env.seen[intent.token] = Evidence.WRITTEN
        return Inspected(op_id, Evidence.WRITTEN)

    def flip(self, intent: Intent) -> Happening:
        """At the next boot the slot is tried."""
        self._env.flipped.append(intent.token)
        self._env.trials = 0
        self._env.seen[intent.token] = Evidence.FLIPPED
        return Inspected(_op_id(intent), Evidence.FLIPPED)

    def evidence(self, intent: Intent) -> Evidence:
        """What the environment shows."""
        return self._env.seen.get(intent.token, Evidence.NONE)

    def healthy(self, intent: Intent) -> bool:
        """As the environment wants it."""
        return not self._env.sick

    def mark_good(self, intent: Intent) -> None:
        """The new version stays."""
        self._env.seen[intent.token] = Evidence.GOOD
        self._env.version = intent.to_version

    def abort(self, intent: Intent) -> None:
        """What was flipped is not tried."""
        self._env.aborted.append(intent.token)
        if self._env.seen.get(intent.token) is Evidence.FLIPPED:
            self._env.seen[intent.token] = Evidence.WRITTEN


def _op_id(intent: Intent) -> int:
    return int(intent.token.partition("-")[0])
