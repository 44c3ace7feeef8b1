"""Attacks A1 to A7 and A19 on a real device, server, depot and store, one at a time.

Each ends in its own result code, with nothing of the slots written.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.estate import Estate, Lamp
from tests.journeys.signer import TODAY, Signer
from tests.trust.repository import after, new_key

OLD = b"an old image" * 10_000
EVIL = b"an evil image" * 10_000


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    estate = Estate(tmp_path, str(tmp_path / "store"), signer=Signer())
    package = estate.package(OLD, "1", "--security-counter", "3")
    estate.adds(package, "1")
    estate.signer.offers(package)
    estate.publishes()
    yield estate
    estate.stop()


def evil(estate: Estate, *more: str) -> Path:
    package = estate.package(EVIL, "2", *(more or ("--security-counter", "3")))
    estate.adds(package, "2")
    return package


def unlisted(estate: Estate) -> None:
    """The depot and the server are the attacker's, but not the keys."""
    evil(estate)


def signed_by_another(estate: Estate) -> None:
    """A1: targets are signed by the attacker's own key."""
    estate.signer.offers(evil(estate))
    estate.signer.publish()
    estate.signer.serves("targets", new_key())
    estate.signer.put(estate.store)


def other_bytes(estate: Estate) -> None:
    """A1: the package is not what was signed."""
    package = evil(estate)
    name = estate.signer.offers(package)
    estate.signer.targets.targets[name].hashes["sha256"] = "0" * 64
    estate.publishes()


def below_the_counter(estate: Estate) -> None:
    """A2: signed once, and known to be weak since."""
    estate.signer.offers(evil(estate, "--security-counter", "2"))
    estate.publishes()


def rolled_back(estate: Estate) -> None:
    """A2: the repository as it was before, which still listed the package."""
    estate.signer.offers(evil(estate))
    estate.signer.timestamp.version = 0
    estate.signer.publish_targets()
    estate.signer.publish_snapshot()
    estate.signer.publish_timestamp(bump=False)
    estate.signer.put(estate.store)


def frozen(estate: Estate) -> None:
    """A3: nobody signs any more, or nobody is let through who does."""
    estate.signer.offers(evil(estate))
    estate.signer.timestamp.expires = after(TODAY - 1).replace(microsecond=0)
    estate.publishes()


def mixed(estate: Estate) -> None:
    """A4: targets of one state, the snapshot of another."""
    estate.signer.offers(evil(estate))
    estate.signer.publish()
    newest = estate.signer.name_of("targets")
    estate.signer.served[newest] = estate.signer.served["1.targets.json"]
    estate.signer.put(estate.store)


def longer_than_it_is(estate: Estate) -> None:
    """A5: what comes is not as long as was signed."""
    name = estate.signer.offers(evil(estate))
    estate.signer.targets.targets[name].length += 1
    estate.publishes()


def for_another(estate: Estate) -> None:
    """A6: a package of another model."""
    estate.signer.offers(evil(estate), model="kettle")
    estate.publishes()


def for_another_base(estate: Estate) -> None:
    """A19: a package that starts from an image which does not run here."""
    estate.signer.offers(evil(estate), base_sha256="0" * 64)
    estate.publishes()


@pytest.mark.parametrize(
    ("spoil", "result"),
    [
        pytest.param(unlisted, 404, id="a1-unlisted"),
        pytest.param(signed_by_another, 404, id="a1-signed-by-another"),
        pytest.param(other_bytes, 402, id="a1-other-bytes"),
        pytest.param(below_the_counter, 405, id="a2-below-the-counter"),
        pytest.param(rolled_back, 404, id="a2-rolled-back"),
        pytest.param(frozen, 404, id="a3-frozen"),
        pytest.param(mixed, 404, id="a4-mixed"),
        pytest.param(longer_than_it_is, 402, id="a5-other-length"),
        pytest.param(for_another, 403, id="a6-for-another-model"),
        pytest.param(for_another_base, 403, id="a19-for-another-base"),
    ],
)
def test_an_attack_ends_in_its_code_and_nothing_is_written(
    estate: Estate, spoil: Callable[[Estate], None], result: int
):
    lamp = Lamp(estate)
    assert estate.result(_ordered(estate, lamp, "1")) == 200
    before = lamp.disk()
    spoil(estate)
    assert estate.result(_ordered(estate, lamp, "2")) == result
    assert (lamp.disk() == before, lamp.runs) == (True, OLD)


def _ordered(estate: Estate, lamp: Lamp, version: str) -> int:
    operation = estate.orders(lamp.id, version)
    lamp.lives()
    return operation


class Crawl:
    """Before the depot: metadata passes, and packages come at a byte a second."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self.length = 0
        self._ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._ended.set()
        self._door.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                peer, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._drip, args=(peer,), daemon=True).start()

    def _drip(self, peer: socket.socket) -> None:
        with peer:
            peer.recv(65536)
            try:
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self.length)
                while not self._ended.wait(1.0):
                    peer.sendall(b"x")
            except OSError:
                return


@pytest.mark.parametrize(("more", "result"), [(0, 407), (10**9, 402)])
def test_a5_a_depot_that_drips_or_never_ends_is_given_up(tmp_path: Path, more: int, result: int):
    crawl = Crawl()
    estate = Estate(tmp_path, str(tmp_path / "store"), "--depot-url", crawl.url, signer=Signer())
    try:
        package = evil(estate)
        estate.signer.offers(package)
        estate.publishes()
        crawl.length = package.stat().st_size + more
        lamp = Lamp(estate, download={"stall_s": 2.0})
        assert estate.result(_ordered(estate, lamp, "2")) == result
        assert lamp.runs
        assert not any(b"evil" in data for data in lamp.disk().values())
    finally:
        estate.stop()
        crawl.stop()
