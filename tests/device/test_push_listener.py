"""The UDP listener: real sockets on loopback, told by events and not by waiting."""

import queue
import socket
from collections.abc import Iterator

import pytest

from fumo.device.edges.push_listener import PushListener
from fumo.device.edges.push_queue import QUEUE_MAX


class Woken:
    """Counts wakes, and lets a test wait for one."""

    def __init__(self) -> None:
        self._wakes: queue.Queue[bool] = queue.Queue()

    def __call__(self) -> None:
        self._wakes.put(True)

    def wait(self) -> None:
        self._wakes.get(timeout=5)


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def listener(woken: Woken) -> Iterator[PushListener]:
    with PushListener("127.0.0.1", 0, woken) as listening:
        yield listening


def send(port: int, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        for datagram in datagrams:
            ours.sendto(datagram, ("127.0.0.1", port))


def test_a_datagram_wakes_the_device_and_is_taken_once(listener: PushListener, woken: Woken):
    assert listener.take() == []
    send(listener.port, b"one")
    woken.wait()
    assert listener.take() == [b"one"]
    assert listener.take() == []


def test_a_flood_fills_no_memory(listener: PushListener, woken: Woken):
    send(listener.port, *[b"x" * 1000] * (QUEUE_MAX * 2))
    for _ in range(QUEUE_MAX):
        woken.wait()
    assert len(listener.take()) <= QUEUE_MAX
    assert all(len(left) == 1000 for left in listener.take())


def test_an_empty_datagram_is_one_too(listener: PushListener, woken: Woken):
    send(listener.port, b"", b"next")
    woken.wait()
    woken.wait()
    assert listener.take() == [b"", b"next"]


def test_a_port_that_is_taken_is_an_os_error(listener: PushListener, woken: Woken):
    with pytest.raises(OSError, match="in use"):
        PushListener("127.0.0.1", listener.port, woken)


def test_afterwards_the_port_is_free(woken: Woken):
    with PushListener("127.0.0.1", 0, woken) as first:
        port = first.port
    with PushListener("127.0.0.1", port, woken) as second:
        assert second.port == port
