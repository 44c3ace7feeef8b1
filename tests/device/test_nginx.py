"""Downloads from a server that is not ours: Debian's nginx, as packages are often served."""

import os
import random
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.install_notify import InstallNotify
from fumo.device.edges.pace import Limits
from fumo.device.edges.reporting import post
from fumo.dlota.descriptor import MEDIA_TYPE
from tests.device.downloads import NEAR, Fetch, package

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PACKAGE = package(random.Random(6).randbytes(6 * 1024 * 1024))
LIMITS = Limits(checkpoint_bytes=1024 * 1024)
CONFIG = """
daemon off; master_process off; pid {root}/pid; error_log {root}/error.log;
events {{}}
http {{
  access_log {root}/access.log combined;
  client_body_temp_path {root}; proxy_temp_path {root}; fastcgi_temp_path {root};
  uwsgi_temp_path {root}; scgi_temp_path {root};
  types {{ application/octet-stream bin; {dd} dd; }}
  server {{
    listen 127.0.0.1:{port}; root {root}/www;
    location /slow/ {{ alias {root}/www/; limit_rate 3m; }}
    location /moved/ {{ return 302 /fw.bin; }}
    location /away/ {{ return 503; add_header Retry-After 7 always; }}
    location /told {{ return 204; }}
  }}
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx (Debian: nginx-light)")


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    """The address of an nginx that has a package and a descriptor of it."""
    www = tmp_path / "www"
    www.mkdir()
    (www / "fw.bin").write_bytes(PACKAGE)
    (www / "fw.dd").write_text(
        f"<media><type>application/octet-stream</type><size>{len(PACKAGE)}</size>"
        "<objectURI>fw.bin</objectURI><installNotifyURI>/told</installNotifyURI></media>"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = tmp_path / "nginx.conf"
    config.write_text(CONFIG.format(root=tmp_path, port=port, dd=MEDIA_TYPE))
    with subprocess.Popen([str(NGINX), "-c", str(config), "-p", str(tmp_path)]) as server:
        try:
            until_answers(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def until_answers(port: int) -> None:
    until_s = time.monotonic() + 10
    while time.monotonic() < until_s:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise TimeoutError("nginx does not listen")


def was_asked(root: Path, path: str, status: int) -> bool:
    """Does nginx tell of such a request? It writes after it has answered."""
    until_s = time.monotonic() + 5
    line = re.compile(rf'"\w+ {re.escape(path)} [^"]+" {status} ')
    while not (found := bool(line.search((root / "access.log").read_text()))):
        if time.monotonic() > until_s:
            break
        time.sleep(0.02)
    return found


@pytest.mark.clause("C04b")
@pytest.mark.parametrize("path", ["/fw.bin", "/moved/x", "/slow/fw.bin"])
def test_a_package_is_fetched(base: str, tmp_path: Path, path: str):
    fetch = Fetch(base + path, DiskFolder(tmp_path / "device"), LIMITS)
    fetch.run()
    assert fetch.content() == PACKAGE
    assert fetch.causes == []


def test_f14_after_a_restart_it_goes_on_behind_the_checkpoint(base: str, tmp_path: Path):
    fetch = Fetch(f"{base}/fw.bin", DiskFolder(tmp_path / "device"), LIMITS)
    fetch.once()
    fetch.downloader.fetch(fetch.target.operations[0].order, fetch.target)  # never recorded
    fetch.start()
    fetch.run()
    assert fetch.content() == PACKAGE
    assert was_asked(tmp_path, "/fw.bin", 206)


def test_f15_a_package_that_was_replaced_comes_whole(base: str, tmp_path: Path):
    fetch = Fetch(f"{base}/fw.bin", DiskFolder(tmp_path / "device"), LIMITS)
    fetch.once()
    other = package(random.Random(7).randbytes(3 * 1024 * 1024))
    (tmp_path / "www/fw.bin").write_bytes(other)
    fetch.start()
    fetch.run()
    assert fetch.content() == other
    assert fetch.checkpoints[:2] == [1024 * 1024, None]


@pytest.mark.clause("C04b-02")
def test_a_descriptor_leads_to_the_package_and_a_report_comes_back(base: str, tmp_path: Path):
    folder = DiskFolder(tmp_path / "device")
    notify = InstallNotify(folder, partial(post, guard=NEAR), lambda deed: deed())
    fetch = Fetch(f"{base}/fw.dd", folder, LIMITS, notify=notify)
    fetch.run()
    assert fetch.content() == PACKAGE
    assert was_asked(tmp_path, "/told", 204)


def test_its_wish_to_be_left_alone_is_heard(base: str, tmp_path: Path):
    fetch = Fetch(f"{base}/away/fw.bin", DiskFolder(tmp_path / "device"), LIMITS)
    assert fetch.once().wait_min_s == 7
