"""The nginx that is shipped, on a free port: its files, with nothing changed but places."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from fumo.wire.tls import Certificate

SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx"
START_S = 10.0
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MISSING = NGINX is None and not os.environ.get("CI")
NEEDED = pytest.mark.skipif(MISSING, reason="needs nginx (Debian: nginx-light)")


class Front:
    """One running nginx."""

    def __init__(
        self, folder: Path, port: int, own: Certificate, roots: Path,
        upstreams: Mapping[str, list[str]], store: Path,
    ) -> None:  # fmt: skip
        """`folder` is its own; `upstreams`: the addresses of each, by its name."""
        self.folder, self.port = folder, port
        self.log = folder / "access.log"
        self._roots = roots
        self.conf = self._rendered(own, roots, upstreams, store)

    def check(self) -> str:
        """What `nginx -t` says; it must be content."""
        done = subprocess.run(self._line("-t"), capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def start(self) -> None:
        """Start it, and insist that who answers is it: nobody else has this certificate."""
        line = self._line("-g", "daemon off;")
        self.process = subprocess.Popen(line, stderr=subprocess.DEVNULL)
        end_s = time.monotonic() + START_S
        while self._status() != 200:
            assert self.process.poll() is None, (self.folder / "error.log").read_text()
            assert time.monotonic() < end_s, "nginx does not start"
            time.sleep(0.05)

    def stop(self) -> None:
        """As systemd stops it, with its log written."""
        self.process.terminate()
        self.process.wait(20)

    def ask(self, certificate: Certificate | None = None) -> HTTPSConnection:
        """A connection to it, by its name, with a client's certificate or without."""
        context = ssl.create_default_context(cafile=str(self._roots))
        if certificate is not None:
            context.load_cert_chain(certificate.chain, certificate.key)
        return HTTPSConnection("localhost", self.port, timeout=30, context=context)

    def _status(self) -> int:
        link = self.ask()
        try:
            link.request("GET", "/healthz")
            return link.getresponse().status
        except OSError:
            return 0
        finally:
            link.close()

    def _line(self, *words: str) -> list[str]:
        return [NGINX or "nginx", "-p", f"{self.folder}/", "-c", str(self.conf), *words]

    def _rendered(
        self, own: Certificate, roots: Path, upstreams: Mapping[str, list[str]], store: Path
    ) -> Path:
        confs = self.folder / "conf.d"
        confs.mkdir(parents=True)
        places = {
            "/etc/nginx/conf.d": str(confs),
            "/etc/fumo/tls/server.pem": str(own.chain),
            "/etc/fumo/tls/server.key": str(own.key),
            "/etc/fumo/tls/device-ca.pem": str(roots),
            "/var/log/nginx": str(self.folder),
            "/run/nginx.pid": str(self.folder / "pid"),
            "/var/lib/fumo-store": str(store),
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "listen [::]:443 ssl;": "",
            "server_name fumo.example;": "server_name localhost;",
            "flush=5s": "flush=1s",
        }
        shipped = {path.name: path.read_text() for path in SHIPPED.glob("*.conf")}
        assert [old for old in places if not any(old in text for text in shipped.values())] == []
        for name, text in shipped.items():
            for old, new in places.items():
                text = text.replace(old, new)
            (confs / name).write_text(text)
        (confs / "fumo-upstreams.conf").write_text(_upstreams(upstreams))
        return self._frame(confs / "nginx.conf")

    def _frame(self, shipped: Path) -> Path:
        """Its own folders for what it spools; started by root it stays root, as its files are."""
        spools = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        own = "".join(f"    {name}_temp_path {self.folder}/{name};\n" for name in spools)
        text = shipped.read_text().replace("http {\n", f"http {{\n{own}")
        shipped.unlink()
        path = self.folder / "nginx.conf"
        path.write_text(("user root;\n" if os.getuid() == 0 else "") + text)
        return path


@contextmanager
def started(running: Front) -> Iterator[Front]:
    """Started, and gone afterwards."""
    running.start()
    try:
        yield running
    finally:
        running.stop()


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _upstreams(told: Mapping[str, list[str]]) -> str:
    """As the shipped file has them, with other addresses."""
    text = (SHIPPED / "fumo-upstreams.conf").read_text()
    lines = [line for line in text.splitlines() if not line.strip().startswith("server ")]
    for name, places in told.items():
        at = lines.index(f"    zone {name} 64k;")
        options = "max_fails=1 fail_timeout=5s"
        lines[at + 1 : at + 1] = [f"    server {place} {options};" for place in places]
    return "\n".join(lines) + "\n"
