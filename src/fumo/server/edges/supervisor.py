"""What a service manager is told: that we are ready, and that we end (sd_notify).

Datagrams to the socket that NOTIFY_SOCKET names; without it nothing is sent.
"""

import contextlib
import os
import socket

READY, STOPPING = "READY=1", "STOPPING=1"
SEND_S = 1.0


def tell(word: str) -> None:
    """A manager that does not listen is no trouble of ours."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name:
        return
    place = f"\0{name[1:]}" if name.startswith("@") else name
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.settimeout(SEND_S)
        out.sendto(word.encode(), place)
