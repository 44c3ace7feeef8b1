"""What the server is told of signed metadata, where python-tuf is installed and where it is not."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fumo.cli.signed_packages import SignedPackages
from fumo.depot.main import open_store
from tests.depot.signed import Signed

WITHOUT_TUF = """
import sys
sys.modules["tuf"] = None
from fumo.cli.signed_packages import SignedPackages
from fumo.depot.main import open_store
from fumo.errors import FumoError
try:
    print(SignedPackages(open_store(sys.argv[1])).roles())
except FumoError as fault:
    print(fault)
"""


def without_tuf(store: Path) -> str:
    line = [sys.executable, "-c", WITHOUT_TUF, str(store)]
    return subprocess.run(line, capture_output=True, text=True, timeout=30, check=True).stdout


def test_each_role_says_when_it_expires_and_when_somebody_should_sign(tmp_path: Path):
    now = datetime.now(UTC).replace(microsecond=0)
    signed = Signed(tmp_path, now)
    told = {one.role: one for one in SignedPackages(signed.store).roles()}
    assert list(told) == ["root", "targets", "snapshot", "timestamp"]
    timestamp = told["timestamp"]
    assert (timestamp.version, timestamp.warn_s) == (1, 6 * 3600)
    assert timestamp.expires_at_s == (now + timedelta(days=1)).timestamp()


def test_a_server_without_the_extra_says_so_once_something_is_signed(tmp_path: Path):
    open_store(tmp_path / "depot")
    assert without_tuf(tmp_path / "depot") == "[]\n"
    Signed(tmp_path)
    assert "pip install 'fumo[tuf]'" in without_tuf(tmp_path / "depot")
