"""What Wireshark's dissector reads in WBXML: its words for tags, flags and texts, in their order.

Messages go to it as one capture, each as the body of a POST in a packet of its own.
"""

import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

PROGRAM = "tshark"
MISSING = shutil.which(PROGRAM) is None
RAW_IP = 101
LOOPBACK = b"\x7f\0\0\1"
COLUMNS = ("Level", "State", "Codepage", "WBXML Token Description", "Rendering")


def read(bodies: list[bytes]) -> list[list[str]]:
    """For each body, what it reads."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bodies.pcap"
        path.write_bytes(capture(bodies))
        words = [PROGRAM, "-n", "-O", "wbxml", "-r", str(path)]
        done = subprocess.run(words, capture_output=True, timeout=60, check=True)
    frames = done.stdout.decode("utf-8", "replace").split("\nFrame ")
    return [_said(frame) for frame in frames]


def _said(frame: str) -> list[str]:
    rows = (line.split("|", len(COLUMNS) - 1) for line in frame.splitlines())
    cells = [row[-1].strip() for row in rows if len(row) == len(COLUMNS)]
    return [cell for cell in cells if cell and cell != COLUMNS[-1]]


def capture(bodies: list[bytes]) -> bytes:
    """A pcap file: a connection of its own for each body."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RAW_IP)
    return head + b"".join(
        struct.pack("<IIII", 0, 0, len(each), len(each)) + each
        for each in (packet(body, 10_000 + number) for number, body in enumerate(bodies))
    )


def packet(body: bytes, port: int) -> bytes:
    """A POST in TCP in IP."""
    post = b"POST / HTTP/1.1\r\nContent-Type: application/vnd.syncml.dm+wbxml\r\n"
    http = post + b"Content-Length: %d\r\n\r\n" % len(body) + body
    tcp = struct.pack(">HHIIBBHHH", port, 80, 1, 1, 0x50, 0x18, 65535, 0, 0) + http
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0)
    return ip + LOOPBACK + LOOPBACK + tcp
