"""The update agent `swupdate`: SWUpdate writes the slot that does not run, U-Boot's environment
says which one starts.

SWUpdate's own bundles need not touch the environment: flip and mark-good are this agent's, one
write of it each, carrying the operation's token. So the environment is the evidence; only whether
the slot was written whole is noted beside it, with the digest of what was read back.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from fumo.device.bundles import Copy
from fumo.device.edges import slot_note
from fumo.device.edges.boot_env import Image
from fumo.device.edges.bundle_file import bundle_in
from fumo.device.edges.intents import intent_for, judged, op_id_of
from fumo.device.edges.read_back import front_digest, length_of
from fumo.device.edges.slot_note import Note, Step
from fumo.device.edges.swu_file import version_of
from fumo.device.edges.swupdate_run import Told
from fumo.device.edges.uboot_env import Env, UbootEnv
from fumo.device.files import Files
from fumo.device.installer import Words
from fumo.device.ports import Dice, Log
from fumo.errors import DecodeError
from fumo.package.fitness import Device
from fumo.update.failures import Cause, failure
from fumo.update.happening import ApplyIntended, Failed, Happening, Inspected
from fumo.update.operation import Evidence, Failure, Held, Intent, Order, Target


class SwupdateAgent:
    """Implements `UpdateAgent`."""

    def __init__(
        self,
        swupdate: Callable[[Words], Told],
        command: Words,
        copies: Mapping[str, Copy],
        running: Callable[[], str],
        env: UbootEnv,
        notes: Files,
        packages: Files,
        folder: Path,
        device: Device,
        dice: Dice,
        log: Log,
        factory_version: str = "0",
    ) -> None:
        """`copies` are the two slots by name, `running` tells the one that runs (OSError: it does
        not); `folder` is where `packages` really lie; `device` is without a version."""
        self._swupdate, self._command, self._copies = swupdate, command, copies
        self._running, self._env, self._notes = running, env, notes
        self._packages, self._folder, self._device = packages, folder, device
        self._dice, self._log, self._factory_version = dice, log, factory_version

    def running_version(self) -> str:
        """As the environment was told it when the slot was armed. OSError."""
        return self._version(self._env.read())

    def device(self) -> Device:
        """What packages are judged against. OSError: the environment does not tell."""
        env = self._env.read()
        version, counter = self._version(env), env.security_counter
        return replace(self._device, version=version, security_counter=counter)

    def prepare(self, order: Order, target: Target) -> Happening:
        """Judge what is held, by its manifest and by SWUpdate: ApplyIntended, or Failed."""
        try:
            device, slot = self.device(), self._free(self._env.read())
            image = self._image(target.held, device, slot)
        except OSError as error:
            return self._failed(order.op_id, Cause.READ_ERROR, str(error))
        if isinstance(image, Failure):
            return Failed(order.op_id, image)
        names = (slot, order.op_id, target.boot_id, device.version)
        return ApplyIntended(order.op_id, intent_for(image, *names, self._dice))

    def apply(self, intent: Intent) -> Happening:
        """Have SWUpdate write the slot, and read it back: Inspected(WRITTEN), or Failed."""
        op_id = op_id_of(intent)
        try:
            env = self._env.read()
            if self._free(env) != intent.slot:
                raise OSError(f"{intent.slot} is not free")
            if env.slot == intent.slot:  # an older operation's flip
                self._env.give_up(env.good, env.token)
            slot_note.write(self._notes, Note(intent.token, intent.slot, Step.BEGUN))
            with bundle_in(self._packages, intent.length, intent.sha256) as name:
                told = self._swupdate(self._words(name, intent.slot))
            if not told.well:
                return self._failed(op_id, told.cause, str(told))
            self._note_what_is_there(intent)
        except DecodeError as error:
            return self._failed(op_id, Cause.CORRUPT, str(error))
        except OSError as error:
            return self._failed(op_id, Cause.WRITE_ERROR, str(error))
        return Inspected(op_id, Evidence.WRITTEN)

    def flip(self, intent: Intent) -> Happening:
        """Have U-Boot try the slot next, if the slot is what was meant."""
        op_id, seen = op_id_of(intent), self.evidence(intent)
        if seen is Evidence.WRITTEN:
            try:
                self._env.arm(intent.slot, intent.token, intent.to_version)
            except OSError as error:
                return self._failed(op_id, Cause.WRITE_ERROR, str(error))
            seen = Evidence.FLIPPED
        return Inspected(op_id, seen)

    def evidence(self, intent: Intent) -> Evidence:
        """What the environment shows of the token, and what is in the slot."""
        try:
            env, running = self._env.read(), self._running()
        except OSError as error:
            self._log("SwupdateUnknown", operation=op_id_of(intent), error=str(error))
            return Evidence.UNKNOWN
        runs = running == intent.slot
        if env.fell_back == intent.token:
            return Evidence.TRIAL if runs else Evidence.FELL_BACK
        if env.token == intent.token and env.trial:
            return Evidence.TRIAL if runs else Evidence.FLIPPED
        if env.token == intent.token:
            return Evidence.GOOD if runs else Evidence.FELL_BACK
        return Evidence.WRITTEN if not runs and self._is_whole(intent) else Evidence.NONE

    def healthy(self, intent: Intent) -> bool:
        """The slot runs, on trial for this very token."""
        try:
            env = self._env.read()
            return self._running() == intent.slot and env.token == intent.token
        except OSError:
            return False

    def mark_good(self, intent: Intent) -> None:
        """Commit the environment to the slot, which must be the one that runs. OSError."""
        env = self._env.read()
        if self._running() != intent.slot or env.token != intent.token:
            raise OSError(f"{intent.slot} does not run on trial, so it cannot be marked good")
        self._env.commit(intent.slot, max(env.security_counter, intent.security_counter))

    def abort(self, intent: Intent) -> None:
        """Start the good slot next; nothing if this one was never armed. OSError."""
        env = self._env.read()
        if env.trial and env.token == intent.token:
            self._env.give_up(env.good, intent.token)

    def _image(self, held: Held | None, device: Device, slot: str) -> Image | Failure:
        """The bundle in what is held, if SWUpdate believes it and all agree about it."""
        image = judged(held, device, raw_allowed=True)
        if held is None or isinstance(image, Failure):
            return image
        try:
            with bundle_in(self._packages, image.length, image.sha256) as name:
                told = self._swupdate((*self._words(name, slot), "-c"))
                version = version_of(self._packages, name)
        except DecodeError:
            return failure(Cause.CORRUPT)
        if not told.well:
            self._log("SwupdateRefuses", error=str(told))
            return failure(told.cause)
        if held.manifest is None:
            return replace(image, version=version or image.version)
        return image if version == image.version else failure(Cause.INVALID)

    def _words(self, name: str, slot: str) -> Words:
        return (*self._command, "-i", str(self._folder / name), "-e", self._copies[slot].select)

    def _free(self, env: Env) -> str:
        """The slot that neither runs nor is the one to fall back to. OSError: there is none."""
        running = self._running()
        free = [name for name in self._copies if name not in (running, env.good)]
        if len(free) != 1 or running not in self._copies:
            raise OSError(f"{running!r} runs and {env.good!r} is good: no slot is free")
        return free[0]

    def _version(self, env: Env) -> str:
        return env.versions.get(self._running(), "") or self._factory_version

    def _note_what_is_there(self, intent: Intent) -> None:
        device = Path(self._copies[intent.slot].device)
        length = length_of(device)
        sha256 = front_digest(device, length) or ""
        note = Note(intent.token, intent.slot, Step.WRITTEN, length=length, sha256=sha256)
        slot_note.write(self._notes, note)

    def _is_whole(self, intent: Intent) -> bool:
        """SWUpdate said so, and the slot is still what it was then."""
        try:
            note = slot_note.read_for(self._notes, intent.token)
            if note.step is not Step.WRITTEN or intent.slot not in self._copies:
                return False
            device = Path(self._copies[intent.slot].device)
            return front_digest(device, note.length) == note.sha256
        except (OSError, DecodeError):
            return False

    def _failed(self, op_id: int, cause: Cause, error: str) -> Failed:
        self._log("SwupdateFailed", operation=op_id, cause=cause, error=error)
        return Failed(op_id, failure(cause))
