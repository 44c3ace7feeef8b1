"""The download server over real sockets: what goes out, what is refused, what the log tells."""

import hashlib
import http.client
import io
import random
import socket
import subprocess
import sys
import time
from urllib.parse import urljoin

import pytest

from fumo.depot.log import read_log
from tests.device.servers import KEY, Depot

CONTENT = random.Random(7).randbytes(700_000)


@pytest.fixture
def depot(tmp_path):
    depot = Depot(tmp_path)
    yield depot
    depot.stop()


def get(depot, url, method="GET", **fields):
    connection = http.client.HTTPConnection(depot.host, depot.port, timeout=5)
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    connection.request(method, url.removeprefix(f"http://{depot.host}:{depot.port}"), None, headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def talk(depot, data: bytes) -> bytes:
    """Send bytes as they are; everything that comes back."""
    with socket.create_connection((depot.host, depot.port), timeout=5) as peer:
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        pieces = []
        while piece := peer.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def test_a_whole_package_with_its_digest_as_etag(depot):
    url = depot.url(CONTENT, "op-1")
    answer, body = get(depot, url)
    assert (answer.status, body) == (200, CONTENT)
    assert answer.getheader("ETag") == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert answer.getheader("Accept-Ranges") == "bytes"


def test_a_range_and_its_conditions(depot):
    url = depot.url(CONTENT)
    tag = get(depot, url, "HEAD")[0].getheader("ETag")
    answer, body = get(depot, url, range="bytes=500000-", if_range=tag)
    assert (answer.status, body) == (206, CONTENT[500000:])
    assert answer.getheader("Content-Range") == f"bytes 500000-699999/{len(CONTENT)}"
    answer, body = get(depot, url, range="bytes=500000-", if_range='"stale"')
    assert (answer.status, body) == (200, CONTENT)
    answer, body = get(depot, url, range="bytes=900000-")
    assert (answer.status, body) == (416, b"")
    assert answer.getheader("Content-Range") == f"bytes */{len(CONTENT)}"
    answer, body = get(depot, url, if_none_match=tag)
    assert (answer.status, body, answer.getheader("ETag")) == (304, b"", tag)


def test_a_connection_serves_many_requests(depot):
    path = depot.url(CONTENT).partition(str(depot.port))[2]
    connection = http.client.HTTPConnection(depot.host, depot.port, timeout=5)
    for method in ("GET", "HEAD", "GET"):
        connection.request(method, path)
        first = connection.sock
        answer = connection.getresponse()
        assert answer.read() == (b"" if method == "HEAD" else CONTENT)
        assert answer.getheader("Content-Length") == str(len(CONTENT))
        assert connection.sock is first
    connection.close()


def test_pipelined_requests_are_answered_in_turn(depot):
    path = depot.url(b"tiny").partition(str(depot.port))[2].encode()
    answers = talk(depot, (b"GET " + path + b" HTTP/1.1\r\nHost: d\r\n\r\n") * 3)
    assert answers.count(b"200 OK") == answers.count(b"tiny") == 3


def test_an_address_that_nobody_made_is_not_there(depot):
    url = depot.url(CONTENT)
    for wrong in (f"{url}s", url.replace("/package", "/deltas"), "/", "/packages/1/2/3"):
        assert get(depot, wrong)[0].status == 404


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST / HTTP/1.1\r\n\r\n", 405),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 413),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 101 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nlong: " + b"x" * 17000 + b"\r\n\r\n", 431),
    ],
)
def test_what_is_no_request_is_answered_and_let_go(depot, data, status):
    assert talk(depot, data).startswith(b"HTTP/1.1 %d " % status)


def test_half_a_request_gets_no_answer(depot):
    assert talk(depot, b"GET / HTTP/1.1\r\nHost:") == b""


def test_the_log_names_the_operation_and_the_bytes(depot):
    before_ns = time.monotonic_ns()
    url = depot.url(CONTENT, "op-42")
    get(depot, url)
    get(depot, url, range="bytes=10-19")
    get(depot, url.replace("op-42", "op-43"))
    told = [(line.operation, line.status, line.start, line.end, line.sent) for line in depot.log()]
    assert told == [
        ("op-42", 200, 0, 700_000, 700_000),
        ("op-42", 206, 10, 20, 10),
        (None, 404, 0, 0, 0),
    ]
    assert before_ns < depot.log()[0].at_ns < time.monotonic_ns()


def test_a_delta_is_found_beside_the_package_by_the_same_signature(depot):
    url, delta = depot.url(CONTENT, "op-5"), depot.store.add(io.BytesIO(b"a delta")).sha256
    answer, body = get(depot, urljoin(url, f"deltas/{delta}"), range="bytes=2-")
    assert (answer.status, body) == (206, b"delta")
    assert get(depot, urljoin(url, f"deltas/{'0' * 64}"))[0].status == 404
    assert [line.operation for line in depot.log()] == ["op-5", "op-5"]


def test_metadata_is_served_as_it_is_now(depot):
    depot.store.put_plain("metadata/timestamp.json", b"{}")
    base = f"http://{depot.host}:{depot.port}/metadata/"
    answer, body = get(depot, f"{base}timestamp.json")
    assert (answer.status, body, answer.getheader("Cache-Control")) == (200, b"{}", "no-cache")
    assert answer.getheader("Content-Type") == "application/json"
    tag = answer.getheader("ETag")
    assert get(depot, f"{base}timestamp.json", if_none_match=tag)[0].status == 304
    depot.store.put_plain("metadata/timestamp.json", b"[1]")
    assert get(depot, f"{base}timestamp.json", if_none_match=tag)[1] == b"[1]"


@pytest.mark.parametrize(
    "name", ["", "2.root.json", "..", "../requests.jsonl", "/secret", "../secret", "in", "in/"]
)
def test_nothing_but_a_file_of_the_metadata_is_served(depot, name):
    depot.store.put_plain("metadata/in/2.root.json", b"{}")
    depot.store.put_plain("secret", b"{}")
    assert get(depot, f"/metadata/{name}")[0].status == 404


def test_a_package_that_was_damaged_where_it_lies_is_not_served(depot, tmp_path, capsys):
    url = depot.url(CONTENT, "op-7")
    assert get(depot, url)[0].status == 200
    (path,) = (each for each in tmp_path.rglob("sha256/*/*") if each.is_file())
    path.chmod(0o644)
    path.write_bytes(CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]))
    answers = [get(depot, url), get(depot, url, range="bytes=0-9")]
    assert [(answer.status, body) for answer, body in answers] == [(500, b""), (500, b"")]
    assert capsys.readouterr().err.count("is damaged") == 1
    path.write_bytes(CONTENT)
    assert get(depot, url)[1] == CONTENT


def test_a_client_that_leaves_is_in_the_log_too(depot):
    url = depot.url(random.Random(8).randbytes(1 << 20) * 16, "op-9")
    path = url.partition(str(depot.port))[2].encode()
    with socket.create_connection((depot.host, depot.port)) as peer:
        peer.sendall(b"GET " + path + b" HTTP/1.1\r\n\r\n")
        peer.recv(1000)
    (line,) = depot.log()
    assert line.operation == "op-9"
    assert line.end > 0
    assert line.sent < line.end


def test_the_depot_is_a_process_that_sigterm_ends(tmp_path):
    (tmp_path / "key").write_bytes(KEY)
    words = ["--folder", tmp_path, "--key-file", tmp_path / "key"]
    process = subprocess.Popen(
        [sys.executable, "-m", "fumo.depot", *words], stdout=subprocess.PIPE, text=True
    )
    line = process.stdout.readline()
    address = line.split("//")[1].strip()
    connection = http.client.HTTPConnection(address, timeout=5)
    connection.request("GET", "/")
    assert connection.getresponse().status == 404
    process.terminate()
    assert process.wait(5) == 0
    process.stdout.close()
    connection.close()
    assert [line.status for line in read_log(tmp_path / "requests.jsonl")] == [404]
