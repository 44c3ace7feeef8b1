"""An nginx in front of a depot, on a free port, proven to be ours, and stopped again."""

import http.client
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
START_S = 10.0
INSIDE = "/internal/"
"""What the depot is told by --accel."""
CONFIG = """
daemon off; master_process off; pid {root}/pid; error_log {root}/error.log;
events {{}}
http {{
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream;
  client_body_temp_path {root}; proxy_temp_path {root}; fastcgi_temp_path {root};
  uwsgi_temp_path {root}; scgi_temp_path {root};
  upstream depot {{ server 127.0.0.1:{depot}; }}
  server {{
    listen 127.0.0.1:{port};
    location = /proof {{ return 200 {proof}; }}
    location /plain/ {{ alias {folder}/sha256/; }}
    location / {{
      proxy_pass http://depot;
      proxy_buffering off;
    }}
    location /internal/ {{
      internal;
      alias {folder}/sha256/;
      etag off;
      if_modified_since off;
      max_ranges 1;
      add_header ETag $upstream_http_etag;
      add_header Last-Modified "";
    }}
  }}
}}
"""


@contextmanager
def nginx(root: Path, folder: Path, depot: int) -> Iterator[int]:
    """The port of one before the depot of that port and that folder, gone afterwards."""
    if PROGRAM is None:
        assert not os.environ.get("CI"), "nginx is not installed"
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    proof = secrets.token_hex(8)
    told = {"root": root, "folder": folder, "depot": depot, "port": port, "proof": proof}
    (root / "nginx.conf").write_text(CONFIG.format(**told))
    words = [PROGRAM, "-c", str(root / "nginx.conf"), "-p", str(root)]
    with subprocess.Popen(words) as running:
        try:
            _until_ours(running, port, proof)
            yield port
        finally:
            running.terminate()


def _until_ours(running: "subprocess.Popen[bytes]", port: int, proof: str) -> None:
    end_s = time.monotonic() + START_S
    while _said(port) != proof.encode():
        assert running.poll() is None, "nginx does not start"
        assert time.monotonic() < end_s, "nginx does not answer"
        time.sleep(0.02)


def _said(port: int) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/proof")
        return connection.getresponse().read()
    except OSError:
        return b""
    finally:
        connection.close()
