"""Deltas: what makers make is applied; a wrong base, a bomb and a lie end before they cost."""

import random
import shutil
import subprocess
from hashlib import sha256

import pytest
from msgspec.structs import replace

from fumo.device.edges.patching import Base, Patching
from fumo.errors import DecodeError
from fumo.package.plan import Format
from fumo.testing.machine import Listened
from tests.device.deltas import MAKERS, base_of, by_zstd, delta_of, reader
from tests.device.machine import OLD, Machine

DICE = random.Random(7)
BASE = DICE.randbytes(300_000)
NEW = BASE[:100_000] + DICE.randbytes(3000) + BASE[90_000:]


class Story:
    """One base on the device, and a delta from `old` to `new`."""

    def __init__(self, form, old=BASE, new=NEW, here=None, patch=None, **settings):
        self.log = Listened()
        base = base_of(old if here is None else here)
        self.patching = Patching(lambda: base, self.log, **settings)
        self.new = new
        self.patch = MAKERS[form](old, new) if patch is None else patch
        self.delta = delta_of(form, old, self.patch)

    @property
    def fits(self):
        return self.patching.fits(self.delta, len(self.new))

    @property
    def reasons(self):
        return [values["reason"] for values in self.log.of("DeltaPassedOver")]

    def made(self):
        pieces = self.patching.patch(self.delta, len(self.new), reader(self.patch))
        return b"".join(pieces)


both = pytest.mark.parametrize("form", Format)


@both
def test_what_a_maker_makes_gives_the_new_package(form):
    story = Story(form)
    assert story.fits
    assert story.made() == NEW


@both
def test_a_base_that_is_longer_than_its_image_is_used_as_far_as_it_goes(form):
    story = Story(form, here=BASE + b"\xff" * 5000)
    assert story.made() == NEW


@pytest.mark.skipif(not shutil.which("zstd"), reason="the program zstd is not installed")
@pytest.mark.parametrize("level", ["-3", "-19"])
def test_the_program_zstd_and_we_understand_each_other(tmp_path, level):
    for name, data in (("old", BASE), ("new", NEW)):
        (tmp_path / name).write_bytes(data)
    line = ["zstd", "-q", level, "--patch-from=old", "new", "-o", "patch"]
    subprocess.run(line, cwd=tmp_path, check=True, capture_output=True)
    story = Story(Format.ZSTD, patch=(tmp_path / "patch").read_bytes())
    assert story.fits
    assert story.made() == NEW


@both
def test_a19_a_wrong_base_is_found_before_anything_is_fetched(form):
    bent = bytearray(BASE)
    bent[-1] ^= 1
    story = Story(form, here=bytes(bent))
    assert not story.fits
    assert story.reasons == ["another base"]
    with pytest.raises(DecodeError, match="another base"):
        story.made()


@both
def test_a19_a_base_that_is_too_short_does_not_fit(form):
    story = Story(form, here=BASE[:-1])
    assert not story.fits
    assert story.reasons == ["its base is not here"]


@both
def test_a19_a_base_that_cannot_be_read_does_not_fit(form):
    def broken(offset, length):
        raise OSError(5, "bad block")

    delta = Story(form).delta
    for base in (Base(broken, len(BASE)), None):
        assert not Patching(lambda base=base: base, Listened()).fits(delta, len(NEW))


def test_a19_beyond_the_memory_the_full_package_is_taken():
    need = len(BASE) + len(NEW)
    assert Story(Format.ZSTD, memory_bytes_max=need).fits
    story = Story(Format.ZSTD, memory_bytes_max=need - 1)
    assert not story.fits
    assert "bytes of memory" in story.reasons[0]
    assert Story(Format.BSDIFF4, memory_bytes_max=1).made() == NEW


def test_a19_a_window_that_nobody_announced_is_refused_before_it_is_allocated():
    patch = bytearray(by_zstd(BASE, NEW))
    frame = bytes(patch[:4]) + b"\x00\xff" + bytes(40)  # a window of terabytes
    story = Story(Format.ZSTD, patch=frame)
    assert story.fits
    with pytest.raises(DecodeError, match="window"):
        story.made()


@both
def test_a19_a_delta_that_makes_more_gives_no_byte_beyond_the_signed_length(form):
    story = Story(form, new=NEW)
    length, given = len(NEW) - 1, []
    with pytest.raises(DecodeError):
        given.extend(story.patching.patch(story.delta, length, reader(story.patch)))
    assert sum(map(len, given)) <= length


def test_a19_a_bomb_ends_at_the_signed_length():
    bomb = by_zstd(BASE, bytes(64 << 20))
    story = Story(Format.ZSTD, new=bytes(1000), patch=bomb)
    with pytest.raises(DecodeError):
        story.made()


def test_a_delta_that_makes_too_little_is_told():
    story = Story(Format.ZSTD)
    with pytest.raises(DecodeError, match="too few"):
        b"".join(story.patching.patch(story.delta, len(NEW) + 1, reader(story.patch)))


@both
def test_a19_a_cut_or_bent_delta_is_refused_or_makes_other_bytes(form):
    whole = Story(form)
    for cut in (0, 3, 10, 31, 40, len(whole.patch) // 2):
        with pytest.raises(DecodeError):
            Story(form, patch=whole.patch[:cut]).made()
    for at in range(0, len(whole.patch), max(1, len(whole.patch) // 60)):
        bent = whole.patch[:at] + bytes([whole.patch[at] ^ 0x55]) + whole.patch[at + 1 :]
        try:
            made = Story(form, patch=bent).made()
        except DecodeError:
            continue
        assert len(made) == len(NEW)  # whoever takes it compares the digest


def test_without_zstd_the_full_package_is_taken_and_the_log_says_why():
    story = Story(Format.ZSTD, modules=("no_such_module",))
    assert not story.fits
    assert "fumo[delta]" in story.reasons[0]


def test_the_base_of_an_ab_device_is_the_slot_that_runs():
    machine = Machine()
    base = machine.agent.base()
    assert base.read(0, base.length) == OLD
    delta = replace(Story(Format.ZSTD).delta, base_length=len(OLD))
    delta = replace(delta, base_sha256=sha256(OLD).hexdigest())
    assert Patching(machine.agent.base, Listened()).fits(delta, 10)
    machine.slots.delete("env-0")
    machine.slots.delete("env-1")
    assert machine.agent.base() is None
