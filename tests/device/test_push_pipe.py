"""The named pipe for pushes: real pipes, told by events and not by waiting."""

import os
import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from fumo.device.edges.push_pipe import PushPipe
from fumo.device.edges.push_queue import DATAGRAM_BYTES_MAX, Together


def framed(*pushes: bytes) -> bytes:
    return b"".join(len(one).to_bytes(2, "big") + one for one in pushes)


class Woken:
    """A queue of wakes that a test can wait for."""

    def __init__(self) -> None:
        self._wakes: queue.Queue[bool] = queue.Queue()

    def __call__(self) -> None:
        self._wakes.put(True)

    def wait(self, times: int = 1) -> None:
        for _ in range(times):
            self._wakes.get(timeout=5)


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pushes"


@pytest.fixture
def pipe(path: Path, woken: Woken) -> Iterator[PushPipe]:
    with PushPipe(path, woken) as pipe:
        yield pipe


def written(path: Path, data: bytes) -> None:
    with path.open("wb", buffering=0) as writer:
        writer.write(data)


def test_pushes_come_whole_and_in_order_over_several_writers(pipe, path, woken):
    written(path, framed(b"one", b"two"))
    woken.wait(2)
    written(path, framed(b"x" * DATAGRAM_BYTES_MAX))
    woken.wait()
    assert pipe.take() == [b"one", b"two", b"x" * DATAGRAM_BYTES_MAX]
    assert pipe.take() == []


def test_a_push_in_pieces_is_put_together(pipe, path, woken):
    data = framed(b"in pieces")
    with path.open("wb", buffering=0) as writer:
        for octet in data:
            writer.write(bytes([octet]))
        woken.wait()
    assert pipe.take() == [b"in pieces"]


def test_one_that_was_cut_short_spoils_no_other(pipe, path, woken):
    written(path, framed(b"cut short")[:-1])
    pipe._ending.wait(0.7)
    written(path, framed(b"whole"))
    woken.wait()
    assert pipe.take() == [b"whole"]


@pytest.mark.parametrize("length", [0, DATAGRAM_BYTES_MAX + 1, 0xFFFF])
def test_behind_an_impossible_length_nothing_is_believed(pipe, path, woken, length):
    with path.open("wb", buffering=0) as writer:
        writer.write(framed(b"good"))
        woken.wait()
        writer.write(length.to_bytes(2, "big") + framed(b"evil"))
    pipe._ending.wait(0.7)
    written(path, framed(b"again"))
    woken.wait()
    assert pipe.take() == [b"good", b"again"]


def test_the_pipe_is_its_owner_s_alone_and_an_old_one_is_used(path, woken):
    for _ in range(2):
        with PushPipe(path, woken):
            assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_is_no_pipe(path, woken):
    path.write_bytes(b"")
    with pytest.raises(OSError, match="no named pipe"):
        PushPipe(path, woken)


def test_it_ends_though_nobody_ever_wrote(path, woken):
    with PushPipe(path, woken):
        pass
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.close(descriptor)


def test_several_ways_are_one(path, tmp_path, woken):
    other = tmp_path / "other"
    with PushPipe(path, woken) as first, PushPipe(other, woken) as second:
        written(path, framed(b"a"))
        written(other, framed(b"b"))
        woken.wait(2)
        assert sorted(Together(first, second).take()) == [b"a", b"b"]
