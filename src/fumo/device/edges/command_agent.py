"""The update agent `command`: an installer of the maker's own, which nobody can look into.

    mark BEGUN, durably → run it, once → mark what its exit code says

Promise: for one token the installer is started once at most. A cut between the first mark and the
second leaves BEGUN: what happened is unknown, which is reported as a failure (409), and never
answered by a second run. Only a maker's `evidence` program may say that nothing was begun.
"""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from fumo.device.edges import mark
from fumo.device.edges.intents import intent_for, judged, op_id_of
from fumo.device.edges.mark import Mark, Stage
from fumo.device.edges.package_file import HELD, digest
from fumo.device.edges.programs import Call, NotStarted, Ran, run
from fumo.device.files import Files
from fumo.device.installer import Installer, Words
from fumo.device.ports import Dice, Log
from fumo.errors import DecodeError
from fumo.package.fitness import Device
from fumo.update.failures import Cause, failure
from fumo.update.happening import ApplyIntended, Failed, Happening, Inspected
from fumo.update.operation import Evidence, Failure, Intent, Order, Target

SLOT = "command"
UPDATE_FAILED = Failure("installer-failed", 410, temporary=False)
LOCK = "installer.lock"
VERSION_LENGTH_MAX = 256
SEEN = {
    Stage.NOTHING: Evidence.NONE,
    Stage.BEGUN: Evidence.UNKNOWN,
    Stage.FAILED: Evidence.NONE,  # `apply` then tells the same failure, and runs nothing
    Stage.INSTALLED: Evidence.TRIAL,
    Stage.GOOD: Evidence.GOOD,
    Stage.GAVE_UP: Evidence.FELL_BACK,
}
ENDED = (Stage.GOOD, Stage.GAVE_UP)
TELLABLE = {one.value: one for one in Evidence if one is not Evidence.WRITTEN}
"""What an `evidence` program may say; there is no flip to do after it, so nothing is WRITTEN."""


class CommandAgent:
    """Implements `UpdateAgent`. Each instance that sees an image run is one trial of it."""

    def __init__(
        self,
        installer: Installer,
        marks: Files,
        packages: Files,
        folders: tuple[Path, Path],
        device: Device,
        boot: str,
        dice: Dice,
        log: Log,
        raw_packages: bool = False,
        run: Callable[[Call], Ran] = run,
    ) -> None:
        """`folders` are where the marks and the packages really lie; `device` is without version.

        `boot` is another at each start of the machine, whatever else starts anew.
        """
        self._installer, self._marks, self._packages = installer, marks, packages
        self._lock, self._package = folders[0] / LOCK, folders[1] / HELD
        self._device, self._dice, self._log = device, dice, log
        self._raw_packages = raw_packages
        self._boot, self._run = boot, run
        self._counted: set[str] = set()

    def running_version(self) -> str:
        """As the maker's program or file tells it. OSError: nobody does."""
        if self._installer.version:
            ran = self._run(Call(self._installer.version, self._installer.others_s, listens=True))
            version = ran.said if ran.well else ""
        else:
            with Path(self._installer.version_file).open(
                encoding="utf-8", errors="replace"
            ) as file:
                version = file.read(VERSION_LENGTH_MAX).strip()
        if not version:
            raise OSError("the version that runs is told by nobody")
        return version

    def device(self) -> Device:
        """What packages are judged against, before they are fetched and again here. OSError."""
        try:
            counter = mark.read(self._marks).security_counter
        except DecodeError as error:
            raise OSError(str(error)) from error
        return replace(self._device, version=self.running_version(), security_counter=counter)

    def prepare(self, order: Order, target: Target) -> Happening:
        """Judge what is held: ApplyIntended, or Failed."""
        try:
            device = self.device()
        except OSError:
            return Failed(order.op_id, failure(Cause.READ_ERROR))
        image = judged(target.held, device, self._raw_packages)
        if isinstance(image, Failure):
            return Failed(order.op_id, image)
        before = device.version
        intent = intent_for(image, SLOT, order.op_id, target.boot_id, before, self._dice)
        return ApplyIntended(order.op_id, intent)

    def apply(self, intent: Intent) -> Happening:
        """Run the installer, if it was not yet: Inspected(TRIAL or FLIPPED), or Failed."""
        op_id, seen = op_id_of(intent), self.evidence(intent)
        if seen is not Evidence.NONE:
            return Inspected(op_id, seen)
        stands = self._mark(intent)
        if stands.stage is Stage.FAILED:
            return Failed(op_id, Failure(stands.cause, stands.result, temporary=False))
        start = self._packages.size(HELD) - intent.length
        if start < 0 or digest(self._packages, HELD, start, intent.length) != intent.sha256:
            return Failed(op_id, failure(Cause.CORRUPT))
        return self._installed(intent, stands, start)

    def flip(self, intent: Intent) -> Happening:
        """There is nothing to flip: the installer did it, or the machine's next start does."""
        return Inspected(op_id_of(intent), self.evidence(intent))

    def evidence(self, intent: Intent) -> Evidence:
        """What the mark tells, or the maker's program where there is one."""
        seen = self._seen(intent)
        return self._on_trial(intent) if seen is Evidence.TRIAL else seen

    def healthy(self, intent: Intent) -> bool:
        """The intended version runs, and the maker's program finds it well."""
        raw = intent.to_version.startswith("raw-")
        if not raw and self._version_or_none() != intent.to_version:
            return False
        return not self._installer.health or self._ask(self._installer.health, intent).well

    def mark_good(self, intent: Intent) -> None:
        """Commit; OSError when the maker's program will not."""
        if self._installer.mark_good and not self._ask(self._installer.mark_good, intent).well:
            raise OSError("the program mark_good failed")
        stands = self._mark(intent)
        counter = max(stands.security_counter, intent.security_counter)
        self._set(replace(stands, stage=Stage.GOOD, security_counter=counter))

    def abort(self, intent: Intent) -> None:
        """Undo what was begun, by the maker's program; what never began or ended so is left."""
        stands = self._mark(intent)
        if stands.stage is Stage.NOTHING or stands.stage in ENDED:
            return
        if self._installer.abort and not self._ask(self._installer.abort, intent).well:
            self._log("AbortFailed", operation=op_id_of(intent))
        self._set(replace(stands, stage=Stage.GAVE_UP))

    def _installed(self, intent: Intent, stands: Mark, start: int) -> Happening:
        """The one run. From BEGUN to the next mark, nobody knows what happened."""
        op_id = op_id_of(intent)
        self._set(replace(stands, stage=Stage.BEGUN))
        image = (self._package, start)
        words, limit_s = self._installer.install, self._installer.install_s
        try:
            ran = self._run(Call(words, limit_s, self._values(intent), image, self._lock))
        except NotStarted as error:
            self._log("InstallerNotStarted", operation=op_id, error=str(error))
            self._set(stands)  # an older run may go on: its mark stays BEGUN
            return Failed(op_id, failure(Cause.WRITE_ERROR))
        self._log("InstallerEnded", operation=op_id, exit=ran.exit)
        return self._judged(intent, stands, ran.exit)

    def _judged(self, intent: Intent, stands: Mark, code: int | None) -> Happening:
        """What the exit code means, marked before it is told."""
        op_id, means = op_id_of(intent), self._meaning(code)
        if isinstance(means, Failure):
            stage = Stage.NOTHING if means.temporary else Stage.FAILED
            self._set(replace(stands, stage=stage, cause=means.cause, result=means.result))
            return Failed(op_id, means)
        self._set(replace(stands, stage=means, boot=self._boot))
        return Inspected(op_id, self.evidence(intent))

    def _meaning(self, code: int | None) -> Stage | Failure:
        """The exit code in our words. A time-out or a signal may have come at any point."""
        told = self._installer
        if code is None:
            return failure(Cause.UNKNOWN)
        table = (
            (told.done, Stage.INSTALLED),
            (told.reboot, Stage.STAGED),
            (told.untouched, failure(Cause.WRITE_ERROR)),
            (told.unfit, failure(Cause.UNFIT)),
            (told.corrupt, failure(Cause.CORRUPT)),
            (told.no_space, failure(Cause.NO_SPACE_UPDATE)),
        )
        return next((means for codes, means in table if code in codes), UPDATE_FAILED)

    def _seen(self, intent: Intent) -> Evidence:
        try:
            stands = self._mark(intent)
        except DecodeError:
            return Evidence.UNKNOWN
        if stands.stage is Stage.NOTHING or stands.stage in ENDED:
            return SEEN[stands.stage]
        if self._installer.evidence:
            ran = self._ask(self._installer.evidence, intent)
            return TELLABLE.get(ran.said, Evidence.UNKNOWN) if ran.well else Evidence.UNKNOWN
        if stands.stage is Stage.STAGED:
            return self._after_start(intent, stands.boot)
        return SEEN[stands.stage]

    def _after_start(self, intent: Intent, staged_in: str) -> Evidence:
        """Which version came up tells whether the machine's loader took it."""
        if staged_in == self._boot:
            return Evidence.FLIPPED
        version = self._version_or_none()
        if version == intent.to_version:
            return Evidence.TRIAL
        if version == intent.from_version:
            return Evidence.FELL_BACK
        raw = version is not None and intent.to_version.startswith("raw-")
        return Evidence.TRIAL if raw else Evidence.UNKNOWN

    def _on_trial(self, intent: Intent) -> Evidence:
        """Each start counts once; after the last one the image is given up."""
        if intent.token in self._counted:
            return Evidence.TRIAL
        stands = self._mark(intent)
        if stands.trials >= self._installer.trials_max:
            self.abort(intent)
            return Evidence.FELL_BACK
        self._set(replace(stands, trials=stands.trials + 1))
        self._counted.add(intent.token)
        return Evidence.TRIAL

    def _mark(self, intent: Intent) -> Mark:
        """What stands of this token."""
        stands = mark.read(self._marks)
        if stands.token == intent.token:
            return stands
        return Mark(intent.token, security_counter=stands.security_counter)

    def _set(self, now: Mark) -> None:
        mark.write(self._marks, now)

    def _version_or_none(self) -> str | None:
        try:
            return self.running_version()
        except OSError:
            return None

    def _ask(self, words: Words, intent: Intent) -> Ran:
        """A program that cannot be started has not gone well."""
        try:
            limit_s = self._installer.others_s
            return self._run(Call(words, limit_s, self._values(intent), listens=True))
        except NotStarted as error:
            self._log("NotStarted", operation=op_id_of(intent), error=str(error))
            return Ran(None)

    def _values(self, intent: Intent) -> dict[str, str]:
        """What every program of the maker is told, in its environment."""
        return {
            "FUMO_OPERATION": str(op_id_of(intent)),
            "FUMO_TOKEN": intent.token,
            "FUMO_FROM_VERSION": intent.from_version,
            "FUMO_TO_VERSION": intent.to_version,
            "FUMO_LENGTH": str(intent.length),
            "FUMO_SHA256": intent.sha256,
            "FUMO_PACKAGE": str(self._package),
        }
