"""The proxy between real sockets: what it passes, what it breaks, and what it writes down."""

import http.client
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from msgspec.structs import replace

from fumo.dm.alerts import generic_alert
from fumo.dm.codec import encode
from fumo.dm.message import (
    XML,
    Exec,
    Header,
    Item,
    Location,
    Message,
    Replace,
    Status,
)
from fumo.fleet.evidence import Fetched, Ordered, Record, Recorder, Told, now_ns
from fumo.fleet.faults import FaultKind, Faults, fault_for
from fumo.fleet.proxy import Proxy

PACKAGE = bytes(range(256)) * 1024
PATH = "/packages/7/abc"
CALM = Faults(share=0.0, rate_bytes_s=1_000_000_000)


class Behind(BaseHTTPRequestHandler):
    """Who stands behind both faces: gives the package, or the reply it was told to give."""

    protocol_version = "HTTP/1.1"
    reply: bytes = b""

    def do_GET(self) -> None:
        """The depot's part."""
        self.give(PACKAGE)

    def do_POST(self) -> None:
        """The DM endpoint's part."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.give(self.reply)

    def give(self, body: bytes) -> None:
        """One answer."""
        self.send_response(200)
        self.send_header("Content-Type", XML)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class World:
    """A proxy, who stands behind it, and one device's way of asking."""

    def __init__(self, faults: Faults, folder: Path) -> None:
        self.behind = type("Here", (Behind,), {})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.behind)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.recorder = Recorder(folder)
        self.proxy = Proxy(faults, self.recorder)
        self.proxy.packages.upstream = self.proxy.dm.upstream = self.server.server_address[:2]
        self.proxy.start()

    def close(self) -> None:
        self.proxy.stop()
        self.server.shutdown()
        self.server.server_close()
        self.recorder.close()

    def ask(self, port: int, method: str, path: str, body: bytes = b"") -> bytes:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request(method, path, body, {"Content-Type": XML})
            answer = line.getresponse()
            if answer.status != 200:
                raise ConnectionError(answer.status)
            return answer.read()
        finally:
            line.close()

    def fetch(self) -> bytes:
        return self.ask(self.proxy.packages_port, "GET", PATH)

    def say(self, message: Message, reply: Message) -> bytes:
        self.behind.reply = encode(reply, XML)
        return self.ask(self.proxy.dm_port, "POST", "/dm", encode(message, XML))

    def order(self, device: str) -> None:
        url = Item(target=Location("./F/x/DownloadAndUpdate/PkgURL"), data="http://d:1" + PATH)
        self.say(hello(device), answer(device, Replace((url,), cmd_id=2)))
        node = Item(target=Location("./F/x/DownloadAndUpdate"))
        self.say(hello(device), answer(device, Exec((node,), cmd_id=3, correlator="c7")))

    def seen(self, kind: type[Record]) -> list[Record]:
        return [record for record in self.recorder.so_far() if isinstance(record, kind)]


def hello(device: str, *commands: object) -> Message:
    header = Header("1", 1, Location("http://s/dm"), Location(device))
    return Message(header, tuple(commands), final=True)  # type: ignore[arg-type]


def answer(device: str, *commands: object) -> Message:
    header = Header("1", 1, Location(device), Location("http://s/dm"))
    said = Status(1, 0, "SyncHdr", 212, cmd_id=1)
    return Message(header, (said, *commands), final=True)  # type: ignore[arg-type]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[[Faults], World]]:
    """Builds worlds, and takes them down again."""
    built: list[World] = []

    def build(faults: Faults = CALM) -> World:
        built.append(World(faults, tmp_path))
        return built[-1]

    yield build
    for one in built:
        one.close()


def wait_for(world: World, kind: type[Record], count: int) -> list[Record]:
    """A record is written when its connection has ended, an instant after its last byte."""
    until_ns = now_ns() + 5_000_000_000
    while len(world.seen(kind)) < count and now_ns() < until_ns:
        time.sleep(0.005)
    return world.seen(kind)


def test_an_order_is_recorded_with_the_address_told_before(world):
    here = world()
    here.order("dev")
    (order,) = here.seen(Ordered)
    assert (order.device, order.correlator, order.path) == ("dev", "c7", PATH)


def test_a_package_passes_and_is_recorded_by_operation(world):
    here = world()
    here.order("dev")
    before_ns = now_ns()
    assert here.fetch() == PACKAGE
    (fetch,) = wait_for(here, Fetched, 1)
    assert (fetch.device, fetch.path, fetch.status) == ("dev", PATH, 200)
    assert (fetch.sent, fetch.fault) == (len(PACKAGE), "")
    assert before_ns < fetch.at_ns < fetch.ended_ns


def first_fault(kind: FaultKind) -> Faults:
    """Weather whose first fault for the device is of one kind."""
    for seed in range(1000):
        faults = Faults(seed=seed, share=1.0, per_operation_max=1, stall_s=0.01)
        met = fault_for(faults, "dev", 1, 0, 0)
        if met and met.kind is kind:
            return faults
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.RESET])
def test_a_refused_request_never_reaches_the_depot_and_the_next_one_does(world, kind):
    here = world(first_fault(kind))
    here.order("dev")
    with pytest.raises(ConnectionError):
        here.fetch()
    assert here.fetch() == PACKAGE
    broken, good = wait_for(here, Fetched, 2)
    assert (broken.fault, broken.sent, good.fault) == (kind.value, 0, "")


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.STALL])
def test_a_cut_body_is_an_error_to_the_device_and_part_of_it_was_sent(world, kind):
    here = world(first_fault(kind))
    here.order("dev")
    with pytest.raises((OSError, http.client.IncompleteRead)):
        here.fetch()
    (fetch,) = wait_for(here, Fetched, 1)
    assert fetch.fault == kind.value
    assert fetch.sent < len(PACKAGE)


def test_a_corrupt_package_has_one_octet_different(world):
    here = world(Faults(share=0.0, corrupt="dev"))
    here.order("dev")
    got = here.fetch()
    assert len(got) == len(PACKAGE)
    assert sum(a != b for a, b in zip(got, PACKAGE, strict=True)) == 1


def test_an_address_nobody_was_told_is_recorded_as_nobodys(world):
    here = world()
    here.fetch()
    (fetch,) = wait_for(here, Fetched, 1)
    assert fetch.device == ""


def result_of(device: str) -> tuple[Message, Message]:
    """A device tells a result, and the server takes it."""
    alert = generic_alert("t.download", "./F/x", 200, "informational", "c7")
    said = Message(hello(device).header, (replace(alert, cmd_id=9),), final=True)
    return said, answer(device, Status(1, 9, "Alert", 200, cmd_id=2))


def test_a_result_is_recorded_with_the_answer_to_it(world):
    here = world()
    here.say(*result_of("dev"))
    (told,) = here.seen(Told)
    assert (told.device, told.correlator, told.result) == ("dev", "c7", 200)
    assert (told.status, told.delivered) == (200, True)


def test_one_acknowledgement_is_lost_on_its_way_and_only_one(world):
    here = world(Faults(share=0.0, drop_reply="dev"))
    here.say(*result_of("other"))
    with pytest.raises(ConnectionError):
        here.say(*result_of("dev"))
    here.say(*result_of("dev"))
    told = [(t.device, t.status, t.delivered) for t in here.seen(Told)]
    assert told == [("other", 200, True), ("dev", 200, False), ("dev", 200, True)]


def test_what_is_no_dm_message_passes_unread(world):
    here = world()
    here.behind.reply = b"not a message"
    assert here.ask(here.proxy.dm_port, "POST", "/dm", b"neither") == b"not a message"
    assert here.recorder.so_far() == ()


def test_nobody_behind_the_proxy_is_a_bad_gateway_and_the_result_counts_as_told(world):
    here = world()
    here.proxy.dm.upstream = None
    said, reply = result_of("dev")
    with pytest.raises(ConnectionError):
        here.say(said, reply)
    (told,) = here.seen(Told)
    assert (told.status, told.delivered) == (None, False)
