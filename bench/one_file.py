"""Gives one file to whoever connects, as cheaply as it can: `python -m bench.one_file FILE`.

Prints its port. Ranges are not looked at: the benchmark fetches whole files.
"""

import socket
import sys
from pathlib import Path


def serve(path: Path, listener: socket.socket) -> None:
    """One after the other, for ever."""
    head = f'HTTP/1.1 200 OK\r\nContent-Length: {path.stat().st_size}\r\nETag: "one"\r\n\r\n'
    while True:
        peer, _ = listener.accept()
        with peer, path.open("rb") as file:
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += peer.recv(4096)
            peer.sendall(head.encode())
            peer.sendfile(file)


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        serve(Path(sys.argv[1]), listener)
