"""Slot files seen from outside: every write is noticed, and placed on the evidence's clock."""

import time
from pathlib import Path

from fumo.fleet.evidence import Recorder, Written, now_ns
from fumo.fleet.watcher import Watcher

COARSE_NS = 20_000_000  # file systems date by the tick of the kernel


def watched(tmp_path: Path) -> tuple[Watcher, Recorder, Path]:
    """A watcher over one device with one slot."""
    slots = tmp_path / "slots"
    slots.mkdir()
    (slots / "slot-a").write_bytes(b"old")
    recorder = Recorder(tmp_path / "evidence")
    return Watcher({"dev": slots}, recorder), recorder, slots


def test_a_write_is_seen_and_dated_when_it_was(tmp_path: Path):
    watcher, recorder, slots = watched(tmp_path)
    watcher.start()
    before_ns = now_ns()
    (slots / "slot-b").write_bytes(b"new image")
    after_ns = now_ns()
    time.sleep(0.1)
    watcher.stop()
    writes = [record for record in recorder.so_far() if isinstance(record, Written)]
    assert {(w.device, w.slot) for w in writes} == {("dev", "slot-b")}
    assert writes[-1].size == 9
    assert before_ns - COARSE_NS <= writes[-1].at_ns <= after_ns


def test_the_last_look_sees_what_was_written_just_before(tmp_path: Path):
    watcher, recorder, slots = watched(tmp_path)
    watcher.start()
    (slots / "slot-a").write_bytes(b"overwritten")
    watcher.stop()
    assert [w.slot for w in recorder.so_far() if isinstance(w, Written)] == ["slot-a"]


def test_a_slot_that_nobody_wrote_is_not_mentioned(tmp_path: Path):
    watcher, recorder, _ = watched(tmp_path)
    watcher.start()
    time.sleep(0.05)
    watcher.stop()
    assert recorder.so_far() == ()
