"""Package #0 by HTTP to whoever brings it on, and where that may not lead."""

import hashlib
import hmac
import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

import pytest

from fumo.server.edges.senders.webhook import Webhook, WebhookSender
from tests.senders.parcels import BODY, WSP, parcel

LOOPBACK = (ip_network("127.0.0.0/8"),)


class Receiver(ThreadingHTTPServer):
    """Keeps what it is told; `answers`: the status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hears)
        self.answers = 202
        self.told: list[tuple[dict[str, str], bytes]] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/sms?key=1"


class Hears(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.told.append((dict(self.headers), body))
        self.send_response(server.answers)
        self.send_header("Location", "http://192.0.2.1/")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.shutdown()
    one.server_close()


def test_the_receiver_is_told_package_0_octet_by_octet_and_signed(receiver: Receiver):
    assert WebhookSender(Webhook("key"), LOOPBACK).send(parcel(receiver.url)).good
    [(headers, body)] = receiver.told
    told = json.loads(body)
    assert (b64decode(told["push"]), b64decode(told["body"])) == (WSP, BODY)
    assert (told["device"], told["session"]) == ("IMEI:1", "1F")
    said = f"{headers['Fumo-Timestamp']}.".encode() + body
    signature = hmac.new(b"key", said, hashlib.sha256).hexdigest()
    assert headers["Fumo-Signature"] == f"sha256={signature}"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_is_not_taken_is_this_devices_trouble_and_no_redirect_is_followed(
    receiver: Receiver, status: int
):
    receiver.answers = status
    sent = WebhookSender(Webhook(), LOOPBACK).send(parcel(receiver.url))
    assert (sent.good, sent.down) == (False, False)
    assert sent.trouble == f"it answered {status}"
    assert len(receiver.told) == 1


def test_a16_no_address_leads_inside_unasked(receiver: Receiver):
    for url in (receiver.url, "http://169.254.169.254/latest", "http://[::1]:80/"):
        sent = WebhookSender(Webhook(), ()).send(parcel(url))
        assert not sent.good, url
        assert "no address outside" in sent.trouble
    assert receiver.told == []
