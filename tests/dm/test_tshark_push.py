"""Pushes as Wireshark reads them: a stranger names the same type, proof and application."""

import struct
import subprocess
from pathlib import Path

import pytest

from fumo.dm.account import Provisioned
from fumo.dm.auth import Login
from fumo.dm.bootstrap import Profile, Sec, Secrets, offer
from fumo.dm.notification import Trigger
from fumo.dm.notification import build as notification
from fumo.dm.wsp import DM_APPLICATION, NOTIFICATION, PUSH_PORT, SEC_CODES, SEC_NAMES, Push, build
from tests.dm.tshark import LOOPBACK, MISSING, PROGRAM, RAW_IP

pytestmark = pytest.mark.skipif(MISSING, reason="tshark is not here")

SERVER = Login("mgmt", "secret")
ACCOUNT = Provisioned("mgmt", "https://dm.example/", Login("u", "s"), SERVER)
SECRETS = Secrets(pin="1234", imsi="001010123456789")
NOTICE = Push(NOTIFICATION, {}, DM_APPLICATION, notification(Trigger("mgmt", 1), SERVER, b"n"))
OFFERS = [offer(profile, ACCOUNT, sec, SECRETS) for profile in Profile for sec in Sec]
CASES = [(push, well_known) for push in (NOTICE, *OFFERS) for well_known in (True, False)]


def datagram(payload: bytes) -> bytes:
    """In UDP in IP, to the push port."""
    udp = struct.pack(">HHHH", 9200, PUSH_PORT, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0)
    return ip + LOOPBACK + LOOPBACK + udp


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the dissector says of each case."""
    path = Path(tmp_path_factory.mktemp("pushes") / "pushes.pcap")
    packets = [datagram(build(*case)) for case in CASES]
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RAW_IP)
    rows = (struct.pack("<IIII", 0, 0, len(one), len(one)) + one for one in packets)
    path.write_bytes(head + b"".join(rows))
    line = [PROGRAM, "-n", "-O", "wsp", "-r", str(path)]
    done = subprocess.run(line, capture_output=True, timeout=60, check=True)
    frames = done.stdout.decode("utf-8", "replace").split("\nFrame ")
    assert len(frames) == len(CASES)
    return frames


@pytest.mark.clause("S-NOT", "B2-04")
@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_stranger_reads_our_pushes_as_we_mean_them(read: list[str], number: int):
    push, _ = CASES[number]
    said = read[number]
    assert f"Content-Type: {push.media_type}" in said
    assert "Malformed" not in said
    if push.application is not None:
        assert "X-Wap-Application-Id: x-wap-application:syncml.dm" in said
    if "MAC" in push.parameters:
        assert f"MAC: {push.parameters['MAC']}" in said
    if "SEC" in push.parameters:
        assert f"SEC: {SEC_NAMES[SEC_CODES[push.parameters['SEC']]]}" in said
