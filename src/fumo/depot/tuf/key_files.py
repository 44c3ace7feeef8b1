"""Keys in files: `NAME.pub` for all to know, and beside it what can sign with it.

`NAME.pem` is the private key (PKCS #8, Ed25519), sealed unless it was made without a passphrase.
In its place may stand `NAME.uri`, which names a key that never leaves its device in the words of
securesystemslib (`hsm:…` for PKCS #11, and those of key services). A folder may hold the public
half alone: of colleagues, who sign elsewhere.
"""

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import (  # type: ignore[attr-defined]
    CryptoSigner,
    Key,
    Signer,
)

from fumo.depot.tuf.places import Refused

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

Passphrase = Callable[[str], bytes | None]
"""The passphrase of the key of this name; None: nobody knows one."""


class Signers(Protocol):
    """Whoever can sign: files here, or a device that keeps its keys to itself."""

    def by_id(self, ids: Iterable[str]) -> list[Signer]:
        """Signers of those of these keys that are held here."""


class KeyFiles:
    """A folder of them."""

    def __init__(self, folder: Path, passphrase: Passphrase = lambda name: None) -> None:
        """`passphrase` is asked for when a key that is sealed is to sign."""
        self._folder, self._passphrase = folder, passphrase

    def make(self, name: str, passphrase: bytes | None) -> Key:
        """A new key; never in place of another one."""
        path = self._path(name, "pem")
        if self._path(name, "pub").exists() or path.exists():
            raise Refused(f"there is a key {name} already")
        private = Ed25519PrivateKey.generate()
        seal = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        data = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, seal)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        key = CryptoSigner(private).public_key
        told = key.to_dict() | {"keyid": key.keyid}
        self._path(name, "pub").write_text(json.dumps(told, indent=1) + "\n")
        return key

    def names(self) -> list[str]:
        """Of every key that is known here."""
        return sorted(path.stem for path in self._folder.glob("*.pub"))

    def public(self, name: str) -> Key:
        """The half that all may know."""
        try:
            told = json.loads(self._path(name, "pub").read_bytes())
            return Key.from_dict(told.pop("keyid"), told)
        except FileNotFoundError:
            raise Refused(f"there is no key {name} in {self._folder}") from None
        except (ValueError, KeyError, AttributeError) as fault:
            raise Refused(f"{name}.pub is no public key: {fault}") from fault

    def signs(self, name: str) -> bool:
        """Can this key sign here?"""
        return any(self._path(name, end).exists() for end in ("pem", "uri"))

    def by_id(self, ids: Iterable[str]) -> list[Signer]:
        """Those that are held; each is unsealed when it is asked for."""
        wanted = set(ids)
        held = [name for name in self.names() if self.signs(name)]
        return [self._signer(name) for name in held if self.public(name).keyid in wanted]

    def _signer(self, name: str) -> Signer:
        public, uri = self.public(name), self._path(name, "uri")
        if uri.exists():
            return Signer.from_priv_key_uri(uri.read_text().strip(), public)
        data = self._path(name, "pem").read_bytes()
        sealed = b"ENCRYPTED" in data.partition(b"\n")[0]
        try:
            private = load_pem_private_key(data, self._passphrase(name) if sealed else None)
            return CryptoSigner(private, public)  # type: ignore[arg-type]
        except (ValueError, TypeError):
            raise Refused(f"the key {name} is not opened by this passphrase") from None

    def _path(self, name: str, end: str) -> Path:
        if NAME.fullmatch(name) is None:
            raise Refused(f"{name!r} is no name of a key")
        return self._folder / f"{name}.{end}"
