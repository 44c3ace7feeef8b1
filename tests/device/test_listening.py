"""Where a device listens for pushes, as its settings say: a port, a pipe, both or nowhere."""

import socket
from contextlib import ExitStack

import pytest

from fumo.device.edges.aside import NewsClock
from fumo.device.main.listening import listening
from fumo.device.settings import SessionSection
from fumo.testing.machine import Listened


def test_port_and_pipe_are_one_way_to_be_woken(tmp_path):
    clock, log = NewsClock(), Listened()
    section = SessionSection(push="127.0.0.1:0", pipe=str(tmp_path / "pushes"))
    with ExitStack() as stack:
        pushes = listening(section, clock, log, stack)
        (at_port, at_pipe) = log.of("Listens")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"by port", ("127.0.0.1", int(str(at_port["port"]))))
        with (tmp_path / "pushes").open("wb", buffering=0) as writer:
            writer.write(b"\0\7by pipe")
        heard: list[bytes] = []
        for _ in range(10):
            clock.sleep(1.0)
            heard += pushes.take()
            if len(heard) == 2:
                break
    assert sorted(heard) == [b"by pipe", b"by port"]
    assert at_pipe == {"pipe": section.pipe}


def test_a_device_that_listens_nowhere_hears_nothing():
    with ExitStack() as stack:
        assert listening(SessionSection(), NewsClock(), Listened(), stack).take() == []


def test_what_cannot_be_listened_to_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    section = SessionSection(pipe=str(tmp_path / "file"))
    with ExitStack() as stack, pytest.raises(OSError, match=r"session\.pipe"):
        listening(section, NewsClock(), Listened(), stack)
