"""A device's first account, made by the server: as a file, a QR code or a push."""

import json
import os
import socket
import stat
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import segno
from click.testing import CliRunner

from fumo.cli.admin import Admin
from fumo.cli.device import light_main
from fumo.cli.group import fumo
from fumo.device.bootstrapping import Declined, Taken, take
from fumo.dm.auth import MAC, MD5
from fumo.dm.bootstrap import Accepted, Refused, Secrets, judge, read_file, read_push
from fumo.dm.codec import decode
from fumo.dm.message import Status
from fumo.dm.session import Nonces
from fumo.errors import DecodeError
from fumo.server.bootstrapping import Document, Kind, Wanted, bootstrap
from fumo.server.denied import Denied
from fumo.server.notify import notice, ui_mode
from fumo.server.office import Missing, Office
from fumo.testing.journal import MemoryJournal
from fumo.wire.exchange import Reply
from tests.server.api import OP, Api, V
from tests.server.device import Device
from tests.server.process import FREE, Process
from tests.server.world import World

URL = "https://dm.example/dm"
PIN = Wanted(URL, pin="12345678")


def made(world: World, wanted: Wanted = PIN, device_id: str = "IMEI:1") -> Document:
    return bootstrap(Office(world.store, os.urandom), device_id, wanted)


def given(document: Document, secrets: Secrets) -> Device:
    """What a device is after it, if it is proven."""
    told = judge(read_push(document.push), secrets)
    assert isinstance(told, Accepted)
    account = told.account
    assert account.url == URL
    device = Device("IMEI:1", account.own.name, account.own.secret, account.server.secret)
    device.nonces = Nonces(account.own_nonce, account.server_nonce)
    return device


def codes(answer: Reply) -> set[int]:
    message = decode(answer.body, answer.media_type)
    return {c.code for c in message.commands if isinstance(c, Status)}


WAYS = {
    "pin": (Wanted(URL, pin="1234"), Secrets(pin="1234")),
    "imsi": (Wanted(URL, imsi="001010123456789"), Secrets(imsi="001010123456789")),
    "secret": (Wanted(URL, network_secret="n"), Secrets(network=b"n")),
    "both": (Wanted(URL, pin="1", network_secret="n"), Secrets(pin="1", network=b"n")),
}


@pytest.mark.clause("C-BST")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", Kind)
def test_a_device_is_believed_at_its_first_word(world: World, device: Device, kind: Kind, way: str):
    wanted, secrets = WAYS[way]
    plain = Wanted(URL, kind, "A server", "md5", wanted.pin, False, wanted.imsi,
                   wanted.network_secret)  # fmt: skip
    new = given(made(world, plain), secrets)
    new.talk(world.post)
    assert new.session
    first = [c.code for c in new.heard[0].commands if isinstance(c, Status)]
    assert (212 in first, {401, 407} & set(first)) == (True, set())
    assert (new.session.trusted, new.session.proven) == (True, True)
    old = Device("IMEI:1", sessions=90)
    answer = world.post(old, old.begin())
    assert codes(answer) == {407}, "what it had before is worth nothing"


@pytest.mark.parametrize(("proof", "scheme"), [("md5", MD5), ("mac", MAC)])
def test_a_document_says_what_the_device_proves_itself_by(
    world: World, device: Device, proof: str, scheme: str
):
    told = judge(read_push(made(world, Wanted(URL, proof=proof, pin="1")).push), Secrets(pin="1"))
    assert isinstance(told, Accepted)
    assert told.account.scheme == scheme


def test_a_device_can_be_woken_before_it_ever_came(world: World, device: Device):
    made(world)
    row = world.store.device("IMEI:1")
    assert row is not None
    assert notice(row, "fumo", 1, ui_mode("unspecified"))


def test_a9_each_document_has_secrets_of_its_own_and_ends_those_before(
    world: World, device: Device
):
    first, second = (given(made(world), Secrets(pin="12345678")) for _ in range(2))
    assert first.user == second.user
    for name in ("secret", "server_secret", "nonces"):
        assert getattr(first, name) != getattr(second, name)
    assert codes(world.post(first, first.begin())) <= {401, 407}
    second.talk(world.post)
    assert second.session
    assert second.session.trusted


def test_a_device_that_has_come_is_not_cut_off_by_mistake(world: World, device: Device):
    device.talk(world.post)
    with pytest.raises(Denied, match="has come already"):
        made(world)
    device.talk(world.post)
    assert device.session
    assert device.session.trusted, "a document that was refused has changed nothing"
    assert made(world, Wanted(URL, pin="1", again=True))
    with pytest.raises(Missing):
        made(world, device_id="IMEI:none")


@pytest.mark.parametrize(
    "wanted",
    [Wanted(URL), Wanted("ftp://x/", pin="1"), Wanted("", pin="1"), Wanted(URL, pin="1", proof="x"),
     Wanted("http://dm.example/dm", pin="1", proof="basic"), Wanted(URL, imsi="12"),
     Wanted(URL, pin="1", makes_pin=True), Wanted(URL, imsi="001010123456789", network_secret="n"),
     Wanted(URL, name="\n", pin="1"), Wanted(URL, name="x" * 2000, pin="1")],
)  # fmt: skip
def test_what_no_device_could_take_is_refused_and_changes_nothing(
    world: World, device: Device, wanted: Wanted
):
    before = world.rows("SELECT * FROM device")
    with pytest.raises(Denied):
        made(world, wanted)
    assert world.rows("SELECT * FROM device") == before


@pytest.mark.clause("C-BST")
@pytest.mark.parametrize("kind", Kind)
def test_a10_no_device_takes_it_without_its_proof_and_its_owner(
    world: World, device: Device, kind: Kind
):
    """Every bit of the body, three PINs, no MAC, and an owner who does not want it."""
    document = made(world, Wanted(URL, kind, pin="12345678"))
    whole, right = read_push(document.push), Secrets(pin="12345678")
    journal = MemoryJournal()

    def never(*_: object) -> bool:
        raise AssertionError("nobody is asked about what is not proven")

    octets = document.octets
    body = octets.index(whole.body)
    for at in range(body, len(octets), 7):
        false = octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]
        assert isinstance(take(journal, read_file(false), right, never), Refused)
    assert isinstance(take(journal, read_file(octets), Secrets(), never), Refused)
    for _ in range(3):
        assert isinstance(take(journal, whole, Secrets(pin="00000000"), never), Refused)
    assert isinstance(take(journal, whole, right, never), Refused), "blocked for good"
    assert isinstance(take(MemoryJournal(), whole, right, lambda *_: False), Declined)
    assert journal.account() is None
    assert isinstance(take(MemoryJournal(), whole, right, lambda *_: True), Taken)


def test_the_text_of_a_qr_code_is_the_document(world: World, device: Device):
    document = made(world)
    assert read_file(document.text.encode()) == read_push(document.push)
    assert read_file(f"\n{document.text.lower().replace('fumo:', 'FUMO:')}\n".encode())
    code = segno.make(document.text, micro=False)
    assert (code.mode, code.version < 25) == ("alphanumeric", True)
    with pytest.raises(DecodeError):
        read_file(b"FUMO:1!")


# --- by the API, by commands, and as a whole ------------------------------------------------------


def test_a_document_is_shown_once_and_to_who_may_order(api: Api):
    assert api.owner("POST", "/identities", {"devices": [{"id": "boot-1"}]})[0] == 201
    wanted = {"device": "boot-1", "url": URL, "makes_pin": True}
    assert api.role(V, "POST", "/bootstraps", wanted)[0] == 403
    status, told = api.role(OP, "POST", "/bootstraps", wanted)
    assert status == 201
    assert len(told["pin"]) == 8
    account = judge(read_file(b64decode(told["push"])), Secrets(pin=told["pin"]))
    assert isinstance(account, Accepted)
    for path in ("/devices/boot-1", "/audit?limit=500", "/events?limit=500"):
        shown = json.dumps(api.owner("GET", path)[1])
        assert account.account.own.secret not in shown
        assert told["pin"] not in shown
    key = {"Idempotency-Key": "boot"}
    assert api.role(OP, "POST", "/bootstraps", wanted, **key)[0] == 409


def test_a_document_is_pushed_byte_for_byte_by_the_way_of_its_device(api: Api):
    api.owner("POST", "/identities", {"devices": [{"id": "boot-2"}]})
    wanted = {"device": "boot-2", "url": URL, "network_secret": "n", "to": "wake"}
    assert api.owner("POST", "/bootstraps", wanted)[0] == 409, "it has no way yet"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hears:
        hears.bind(("127.0.0.1", 0))
        hears.settimeout(20)
        way = f"udp:127.0.0.1:{hears.getsockname()[1]}"
        marks = {"devices": ["boot-2"], "set": {"wake": way}}
        assert api.owner("POST", "/devices/marks", marks)[0] == 201
        status, told = api.owner("POST", "/bootstraps", wanted)
        assert (status, told["sent"], told["trouble"]) == (201, way, "")
        heard = hears.recv(65536)
    assert heard == b64decode(told["push"])
    assert isinstance(judge(read_file(heard), Secrets(network=b"n")), Accepted)
    told = api.owner("POST", "/bootstraps", wanted | {"to": "sms:+491700000000"})[1]
    assert (told["sent"], "no sender for sms" in told["trouble"]) == ("", True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    process = Process(tmp_path_factory.mktemp("boot") / "d", FREE, FREE)
    yield process
    process.stop()


def command(server: Process, *words: str) -> Any:
    return CliRunner().invoke(fumo, ["devices", *words, "--data", str(server.data)])


def test_from_the_servers_file_to_a_session(server: Process, tmp_path: Path):
    """No secret is seen by anybody between the server and the device."""
    Admin(server.data).post_once("/identities", {"devices": [{"id": "IMEI:7"}]})
    for name in ("push.bin", "push.txt"):
        file, state = tmp_path / name, tmp_path / f"state-{name}"
        words = ("bootstrap", "IMEI:7", "--url", server.dm_url, "--out", str(file))
        done = command(server, *words, *(("--again",) if name == "push.txt" else ()))
        assert done.exit_code == 0, done.output
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        pin = done.output.split("PIN ")[1].split(":")[0]
        taken = ["bootstrap", str(file), "--state", str(state), "--pin", pin, "--yes"]
        assert light_main(taken) == 0
        slots = str(tmp_path / "slots")
        run = ["run", "--state", str(state), "--slots", slots, "--id", "IMEI:7", "--once"]
        assert light_main(run) == 0
        assert "seen" in command(server, "show", "IMEI:7").output
        assert Admin(server.data).get("/devices/IMEI%3A7")["device"]["info"]["Man"] == "Fumo"


@pytest.mark.parametrize(("suffix", "begins"), [(".svg", b"<?xml"), (".png", b"\x89PNG")])
def test_a_qr_code_is_a_picture_or_stands_on_the_terminal(
    server: Process, tmp_path: Path, suffix: str, begins: bytes
):
    who = f"IMEI:{suffix}"
    Admin(server.data).post_once("/identities", {"devices": [{"id": who}]})
    out = tmp_path / f"code{suffix}"
    words = ("bootstrap", who, "--url", URL, "--imsi", "001010123456789")
    assert command(server, *words, "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(begins)
    assert command(server, *words, "--out", str(out)).exit_code == 1, "no file is written over"
    shown = command(server, *words)
    assert shown.exit_code == 0, shown.output
    assert shown.output.count("█") > 100
