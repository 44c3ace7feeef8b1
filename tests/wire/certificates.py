"""Certificates for a test, made by the system's `openssl`: they are worth nothing elsewhere."""

import shutil
import subprocess
from pathlib import Path

import pytest

from fumo.wire.tls import Certificate

MISSING = shutil.which("openssl") is None
NEEDED = pytest.mark.skipif(MISSING, reason="needs openssl (Debian)")


class Authority:
    """A root of its own, and what it signs."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self.root = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        self._run(
            "req", "-x509", *NEW, "-keyout", self._key, "-out", self.root, "-subj", f"/CN={name}"
        )

    def signs(self, name: str, alternative: str = "") -> Certificate:
        """A certificate of this name; `alternative` says for which hosts."""
        stem = self._folder / f"{self._name}-{name}"
        made = Certificate(stem.with_suffix(".pem"), stem.with_suffix(".key"))
        request = stem.with_suffix(".csr")
        self._run("req", *NEW, "-keyout", made.key, "-out", request, "-subj", f"/CN={name}")
        more = stem.with_suffix(".ext")
        more.write_text(f"subjectAltName={alternative or 'DNS:' + name}\n")
        self._run(
            "x509", "-req", "-in", request, "-CA", self.root, "-CAkey", self._key,
            "-CAcreateserial", "-out", made.chain, "-days", "2", "-extfile", more,
        )  # fmt: skip
        return made

    def signs_again(self, name: str) -> Certificate:
        """Another certificate for the key of one that was signed before."""
        stem = self._folder / f"{self._name}-{name}"
        made = Certificate(stem.with_suffix(".again"), stem.with_suffix(".key"))
        self._run(
            "x509", "-req", "-in", stem.with_suffix(".csr"), "-CA", self.root, "-CAkey", self._key,
            "-CAcreateserial", "-out", made.chain, "-days", "3",
        )  # fmt: skip
        return made

    def _run(self, *words: str | Path) -> None:
        line = ["openssl", *map(str, words)]
        subprocess.run(line, check=True, capture_output=True, timeout=60)


NEW = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
