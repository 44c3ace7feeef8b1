"""Reads captured DM messages: bodies as files, XML or WBXML or either one in hex.

Run: `python3 examples/read_capture.py body.wbxml body.xml body.hex`
"""

import re
import sys
from pathlib import Path

from fumo import dm

HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}[\s:]*)+")


def body_of(data: bytes) -> bytes:
    """The bytes of a body, whether they were captured as they are or in hex."""
    return bytes.fromhex(data.decode().replace(":", " ")) if HEX.fullmatch(data) else data


def main(names: list[str]) -> int:
    """How many of the files could not be read."""
    bad = 0
    for name in names:
        body = body_of(Path(name).read_bytes())
        try:
            message = dm.decode(body, dm.sniff(body))
        except dm.DecodeError as error:
            bad += 1
            print(f"{name}: {error}")
        else:
            print(f"{name}: {len(body)} bytes", *dm.render(message), sep="\n  ")
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
