"""Certificates that sign bundles: made once a run by openssl, for tests alone."""

import subprocess
from functools import cache
from pathlib import Path


@cache
def signer(folder: Path, name: str) -> tuple[Path, Path]:
    """(certificate, key): SWUpdate wants one that may protect mail."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650"]
    words += ["-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={name}"]
    words += ["-addext", "extendedKeyUsage=emailProtection,codeSigning"]
    subprocess.run(words, check=True, capture_output=True)
    return certificate, key
