"""The update agent `ab_file`: two slot files and a boot environment. The reference agent.

The inactive slot is overwritten as often as need be: writing is idempotent, only the flip is
decisive, and the flip can be seen. So `evidence` speaks of the environment and of the slot's
digest alone; what anybody remembers counts for nothing.
Never writes the slot that runs, nor the one the environment would fall back to. Knows no clock:
the agent's loop gives a Failed its time and jitter.
"""

import errno
import hashlib
from collections.abc import Iterable
from functools import partial

from fumo.device.edges.boot_env import SLOTS, BootEnv, Env, Image
from fumo.device.edges.intents import intent_for, judged, op_id_of
from fumo.device.edges.package_file import HELD, digest, pieces
from fumo.device.edges.patching import Base
from fumo.device.files import Files
from fumo.device.ports import Dice
from fumo.package.fitness import Device
from fumo.update.failures import Cause, failure
from fumo.update.happening import ApplyIntended, Failed, Happening, Inspected
from fumo.update.operation import Evidence, Failure, Intent, Order, Target


def install_factory(slots: Files, image: Iterable[bytes], version: str) -> None:
    """Give a new machine its first firmware: slot A, good and running."""
    running, length = hashlib.sha256(), 0
    for piece in image:
        slots.write(SLOTS[0], length, piece)
        running.update(piece)
        length += len(piece)
    slots.truncate(SLOTS[0], length)
    slots.sync(SLOTS[0])
    BootEnv(slots).install(SLOTS[0], Image(version, length, running.hexdigest()))


class AbFile:
    """Implements `UpdateAgent` over the folder of the slots and the folder of the package."""

    def __init__(
        self,
        slots: Files,
        packages: Files,
        model: str,
        dice: Dice,
        raw_packages: bool = False,
        hardware: str = "",
    ) -> None:
        """`raw_packages`: take an image without a manifest, as a foreign server sends it."""
        self._slots = slots
        self._packages = packages
        self._model = model
        self._hardware = hardware
        self._dice = dice
        self._raw_packages = raw_packages
        self._env = BootEnv(slots)

    def running_version(self) -> str:
        """The version of the image in the slot that runs."""
        env = self._env.known()
        return env.images[env.running].version

    def base(self) -> Base | None:
        """The slot that runs, from which deltas start; None when nobody can tell which."""
        if (env := self._env.read()) is None:
            return None
        running = env.running
        return Base(partial(self._slots.read, running), self._slots.size(running))

    def device(self) -> Device:
        """What packages are judged against, before they are fetched and again here. OSError."""
        return self._device(self._env.known())

    def prepare(self, order: Order, target: Target) -> Happening:
        """Judge what is held and choose the slot: ApplyIntended, or Failed."""
        try:
            env = self._env.known()
        except OSError:
            return Failed(order.op_id, failure(Cause.READ_ERROR))
        image = judged(target.held, self._device(env), self._raw_packages)
        if isinstance(image, Failure):
            return Failed(order.op_id, image)
        return self._intended(order.op_id, target.boot_id, image, env)

    def apply(self, intent: Intent) -> Happening:
        """Write the inactive slot, sync, read back: Inspected(WRITTEN) or Failed."""
        try:
            trouble = self._write_slot(intent)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            trouble = failure(Cause.NO_SPACE_UPDATE if full else Cause.WRITE_ERROR)
        if trouble is not None:
            return Failed(op_id_of(intent), trouble)
        return Inspected(op_id_of(intent), Evidence.WRITTEN)

    def flip(self, intent: Intent) -> Happening:
        """Have the environment try the slot at the next boot, if the slot is what was meant."""
        seen = self.evidence(intent)
        if seen is Evidence.WRITTEN:
            version, counter = intent.to_version, intent.security_counter
            image = Image(version, intent.length, intent.sha256, counter)
            try:
                self._env.arm(intent.slot, intent.token, image)
            except OSError:
                return Failed(op_id_of(intent), failure(Cause.WRITE_ERROR))
            seen = Evidence.FLIPPED
        return Inspected(op_id_of(intent), seen)

    def evidence(self, intent: Intent) -> Evidence:
        """What the environment and the slot show of the intent's token."""
        env = self._env.read()
        if env is None:
            return Evidence.UNKNOWN
        if env.fell_back_token == intent.token:
            return Evidence.FELL_BACK
        if env.good_token == intent.token and env.running == intent.slot:
            return Evidence.GOOD
        if env.trial is not None and env.trial.token == intent.token:
            return Evidence.TRIAL if env.running == intent.slot else Evidence.FLIPPED
        return Evidence.WRITTEN if self._slot_is(intent) else Evidence.NONE

    def healthy(self, intent: Intent) -> bool:
        """The agent runs from the slot, and the slot holds the image that was intended."""
        env = self._env.read()
        return env is not None and env.running == intent.slot and self._slot_is(intent)

    def mark_good(self, intent: Intent) -> None:
        """Commit the environment to the running slot."""
        self._env.commit(intent.token)

    def abort(self, intent: Intent) -> None:
        """The slot is not tried at the next boot; what is in it does not matter."""
        env = self._env.read()
        if env is None or env.trial is None or env.running == env.trial.slot:
            return
        if env.trial.token == intent.token:
            self._env.disarm(env.trial.slot)

    def _device(self, env: Env) -> Device:
        runs = env.images[env.running]
        counter, hardware = env.security_counter, self._hardware
        return Device(self._model, runs.version, counter, hardware, base_sha256=runs.sha256)

    def _intended(self, op_id: int, boot_id: int, image: Image, env: Env) -> Happening:
        """An intent for the slot that neither runs nor is the one to fall back to."""
        free = [slot for slot in SLOTS if slot not in (env.good, env.running)]
        if not free:  # an older operation's trial still runs: a boot will settle it
            return Failed(op_id, failure(Cause.WRITE_ERROR))
        running = env.images[env.running].version
        intent = intent_for(image, free[0], op_id, boot_id, running, self._dice)
        return ApplyIntended(op_id, intent)

    def _write_slot(self, intent: Intent) -> Failure | None:
        """None when the slot holds the image durably. The image is the end of what is held."""
        env = self._env.known()
        if intent.slot in (env.good, env.running):
            return failure(Cause.WRITE_ERROR)
        start = self._packages.size(HELD) - intent.length
        if start < 0:
            return failure(Cause.CORRUPT)
        self._env.disarm(intent.slot)
        if self._copy(intent, start) != intent.sha256:
            return failure(Cause.CORRUPT)
        return None if self._slot_is(intent) else failure(Cause.WRITE_ERROR)

    def _copy(self, intent: Intent, start: int) -> str:
        """Copy the image into the slot and sync it; the digest of what was read."""
        running, written = hashlib.sha256(), 0
        for piece in pieces(self._packages, HELD, start, intent.length):
            self._slots.write(intent.slot, written, piece)
            running.update(piece)
            written += len(piece)
        self._slots.truncate(intent.slot, written)
        self._slots.sync(intent.slot)
        return running.hexdigest()

    def _slot_is(self, intent: Intent) -> bool:
        try:
            return digest(self._slots, intent.slot, 0, intent.length) == intent.sha256
        except OSError:
            return False  # an unreadable slot holds nothing
