"""The update agent `rauc`: RAUC writes the slot that does not run, and tells the boot loader.

    apply: install, which leaves the slot not bootable · flip: mark it active · mark-good: mark good

RAUC must have `activate-installed=false`, so that writing and flipping are two steps. What its
service shows of slots and of the boot loader decides; a note ties it to the operation's token.
Never flips twice for one token: a slot that was armed before this start of the machine, and is
not the next one to start any more, was given up.
"""

import os
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from fumo.device.edges import slot_note
from fumo.device.edges.boot_env import Image
from fumo.device.edges.bundle_file import bundle_in
from fumo.device.edges.intents import intent_for, judged, op_id_of
from fumo.device.edges.rauc_bundle import why_refused
from fumo.device.edges.rauc_slots import beside, free, is_whole, running, seen
from fumo.device.edges.rauc_words import Rauc, RaucRefused, Slot, meaning
from fumo.device.edges.slot_note import Note, Step
from fumo.device.files import Files
from fumo.device.ports import Dice, Log
from fumo.errors import DecodeError
from fumo.package.fitness import Device
from fumo.update.failures import Cause, failure
from fumo.update.happening import ApplyIntended, Failed, Happening, Inspected
from fumo.update.operation import Evidence, Failure, Held, Intent, Order, Target


class RaucAgent:
    """Implements `UpdateAgent`."""

    def __init__(
        self,
        rauc: Rauc,
        notes: Files,
        packages: Files,
        folder: Path,
        device: Device,
        dice: Dice,
        log: Log,
        boot: str,
        factory_version: str = "0",
        read_back: bool = True,
        settle: Callable[[], None] = os.sync,
    ) -> None:
        """`folder` is where `packages` really lie; `device` is without a version; `read_back`:
        a raw slot is read again. `settle` makes
        durable what the boot loader's programs wrote, which do not do so themselves. `boot` is
        another at each start of the machine, whatever else starts anew."""
        self._rauc, self._notes, self._packages, self._folder = rauc, notes, packages, folder
        self._device, self._dice, self._log = device, dice, log
        self._boot, self._factory_version, self._settle = boot, factory_version, settle
        self._read_back = read_back

    def running_version(self) -> str:
        """The version of the bundle that was installed into the slot that runs. OSError."""
        try:
            return self._version(self._rauc.slots())
        except RaucRefused as error:
            raise OSError(f"RAUC does not tell its slots: {error}") from error

    def device(self) -> Device:
        """What packages are judged against. OSError: RAUC does not tell."""
        version, counter = self.running_version(), self._noted().security_counter
        return replace(self._device, version=version, security_counter=counter)

    def prepare(self, order: Order, target: Target) -> Happening:
        """Judge what is held, by its manifest and by RAUC: ApplyIntended, or Failed."""
        try:
            device = self.device()
            image = self._image(target.held, device)
            if isinstance(image, Failure):
                return Failed(order.op_id, image)
            slot = free(self._rauc.slots(), self._noted()).name
        except (OSError, RaucRefused, DecodeError) as error:
            return self._failed(order.op_id, Cause.READ_ERROR, error)
        names = (slot, order.op_id, target.boot_id, device.version)
        return ApplyIntended(order.op_id, intent_for(image, *names, self._dice))

    def apply(self, intent: Intent) -> Happening:
        """Have the bundle installed: Inspected(WRITTEN), or Failed."""
        op_id = op_id_of(intent)
        try:
            slot = free(self._rauc.slots(), self._noted())
            if slot.name != intent.slot:
                raise OSError(f"{intent.slot} is not free")
            self._note(intent, step=Step.BEGUN, installs=slot.installs)
            with bundle_in(self._packages, intent.length, intent.sha256) as name:
                self._rauc.install(str(self._folder / name))
            return self._written(intent)
        except DecodeError as error:
            return self._failed(op_id, Cause.CORRUPT, error)
        except RaucRefused as error:
            return self._failed(op_id, meaning(str(error)), error)
        except OSError as error:
            return self._failed(op_id, Cause.WRITE_ERROR, error)

    def flip(self, intent: Intent) -> Happening:
        """Have the boot loader try the slot next, if the slot is what was meant."""
        op_id = op_id_of(intent)
        seen = self.evidence(intent)
        if seen is not Evidence.WRITTEN:
            return Inspected(op_id, seen)
        try:
            self._note(intent, step=Step.ARMED, boot=self._boot)
            self._rauc.mark("active", intent.slot)
            self._settle()
        except (OSError, RaucRefused) as error:
            return self._failed(op_id, Cause.WRITE_ERROR, error)
        return Inspected(op_id, Evidence.FLIPPED)

    def evidence(self, intent: Intent) -> Evidence:
        """What RAUC shows of the slot, and what is noted of the token."""
        try:
            note = slot_note.read_for(self._notes, intent.token)
            slots, primary = self._rauc.slots(), self._rauc.primary()
            return seen(intent, note, slots, primary, self._boot, self._read_back)
        except (OSError, RaucRefused, DecodeError) as error:
            self._log("RaucUnknown", operation=op_id_of(intent), error=str(error))
            return Evidence.UNKNOWN

    def healthy(self, intent: Intent) -> bool:
        """The slot runs, and RAUC finished the intended version in it."""
        try:
            slot = self._rauc.slots().get(intent.slot)
        except (OSError, RaucRefused):
            return False
        return slot is not None and slot.booted and slot.version == intent.to_version

    def mark_good(self, intent: Intent) -> None:
        """Commit the boot loader to the slot, which must be the one that runs. OSError."""
        try:
            slot = self._rauc.slots().get(intent.slot)
            if slot is None or not slot.booted:
                raise OSError(f"{intent.slot} does not run, so it cannot be marked good")
            self._rauc.mark("good", intent.slot)
        except RaucRefused as error:
            raise OSError(f"RAUC does not mark {intent.slot} good: {error}") from error
        self._settle()
        counter = slot_note.read_for(self._notes, intent.token).security_counter
        counter = max(counter, intent.security_counter)
        self._note(intent, step=Step.GOOD, security_counter=counter)

    def abort(self, intent: Intent) -> None:
        """Start the other slot next, and this one never; nothing if it was never armed. OSError."""
        note = slot_note.read_for(self._notes, intent.token)
        if note.step is not Step.ARMED:
            return
        try:
            slots = self._rauc.slots()
            slot = slots.get(intent.slot)
            if slot is None:
                return
            if self._rauc.primary() == slot.name and (others := beside(slot, slots)):
                self._rauc.mark("active", others[0].name)
            self._rauc.mark("bad", slot.name)
        except RaucRefused as error:
            raise OSError(f"RAUC does not give {intent.slot} up: {error}") from error
        self._settle()

    def _image(self, held: Held | None, device: Device) -> Image | Failure:
        """The bundle in what is held, if RAUC believes it and all agree about it."""
        image = judged(held, device, raw_allowed=True)
        if held is None or isinstance(image, Failure):
            return image
        version = self._version_of_bundle(image)
        if isinstance(version, Failure):
            return version
        if held.manifest is None:
            return replace(image, version=version)
        # What is seen afterwards goes by the bundle's own version.
        return image if version == image.version else failure(Cause.INVALID)

    def _version_of_bundle(self, image: Image) -> str | Failure:
        """As RAUC tells it, if the bundle is signed well and made for this machine."""
        try:
            with bundle_in(self._packages, image.length, image.sha256) as name:
                compatible, version = self._info(name)
        except DecodeError:
            return failure(Cause.CORRUPT)
        if isinstance(version, Failure):
            return version
        return version if compatible == self._rauc.compatible() else failure(Cause.UNFIT)

    def _info(self, name: str) -> tuple[str, str | Failure]:
        try:
            return self._rauc.info(str(self._folder / name))
        except RaucRefused:
            return "", failure(why_refused(self._packages, name))

    def _version(self, slots: dict[str, Slot]) -> str:
        runs = running(slots)
        return (runs.version if runs else "") or self._factory_version

    def _written(self, intent: Intent) -> Happening:
        """RAUC says that it is done: is it seen, too?"""
        note = replace(slot_note.read_for(self._notes, intent.token), step=Step.WRITTEN)
        if not is_whole(intent, note, self._rauc.slots(), self._read_back):
            raise OSError(f"{intent.slot} is not what RAUC says that it wrote")
        slot_note.write(self._notes, note)
        return Inspected(op_id_of(intent), Evidence.WRITTEN)

    def _noted(self) -> Note:
        """What was noted last. A note that rotted is of no more use than none."""
        try:
            return slot_note.read(self._notes)
        except DecodeError as error:
            self._log("NoteLost", error=str(error))
            slot_note.write(self._notes, Note())
            return Note()

    def _note(self, intent: Intent, **changes: object) -> None:
        note = replace(slot_note.read_for(self._notes, intent.token), slot=intent.slot)
        slot_note.write(self._notes, replace(note, **changes))

    def _failed(self, op_id: int, cause: Cause, error: Exception) -> Failed:
        self._log("RaucFailed", operation=op_id, cause=cause, error=str(error))
        return Failed(op_id, failure(cause))
