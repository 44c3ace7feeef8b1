"""What a depot tells the front to send: the front sends the file itself, under the depot's tag."""

import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.deploy.front import NEEDED, Front, free_port, started
from tests.wire.certificates import Authority

pytestmark = NEEDED
CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()
TAG = f'"{SHA256}"'


class Depot(BaseHTTPRequestHandler):
    """Says where the file is, as a depot with `accel` does, and sends nothing of it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("X-Accel-Redirect", f"/internal/{SHA256[:2]}/{SHA256[2:]}")
        self.send_header("ETag", TAG)
        self.send_header("Content-Type", "application/octet-stream")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder: Path = tmp_path_factory.mktemp("sends")
    file = folder / "store" / "sha256" / SHA256[:2] / SHA256[2:]
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    authority = Authority(folder, "root")
    own = authority.signs("front", "DNS:localhost")
    depot = ThreadingHTTPServer(("127.0.0.1", 0), Depot)
    Thread(target=depot.serve_forever, daemon=True).start()
    place = f"127.0.0.1:{depot.server_address[1]}"
    places = {"fumo_servers": [place], "fumo_depots": [place]}
    store = folder / "store"
    with started(Front(folder / "n", free_port(), own, authority.root, places, store)) as running:
        yield running
    depot.shutdown()
    depot.server_close()


def fetched(front: Front, **headers: str) -> tuple[int, bytes, str | None]:
    link = front.ask()
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    link.request("GET", f"/packages/1/{SHA256}/signature/package", headers=said)
    answer = link.getresponse()
    told = answer.status, answer.read(), answer.headers["etag"]
    link.close()
    return told


def test_all_of_it_comes_under_the_depots_tag(front: Front):
    assert fetched(front) == (200, CONTENT, TAG)


def test_a_download_goes_on_where_it_was_cut_if_the_tag_is_the_same(front: Front):
    rest = fetched(front, Range="bytes=1000000-", If_Range=TAG)
    assert rest == (206, CONTENT[1_000_000:], TAG)


def test_of_another_content_all_is_sent(front: Front):
    assert fetched(front, Range="bytes=1000000-", If_Range='"another"') == (200, CONTENT, TAG)


def test_nobody_asks_for_the_file_itself(front: Front):
    link = front.ask()
    link.request("GET", f"/internal/{SHA256[:2]}/{SHA256[2:]}")
    assert link.getresponse().status == 404
    link.close()
