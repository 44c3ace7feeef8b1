"""Contents in an S3: the same names below a prefix of a bucket, by obstore (extra `s3`).

An object appears whole or not at all. A new content is created on the condition that nobody else
did; a large one travels in many pieces. What was written is read back before `add` returns, since
only its bytes prove what an S3 kept. What goes wrong is an OSError, whose words say no secret.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import IO, Any

from fumo.depot.places import Bucket, S3Settings
from fumo.depot.ports import (
    PIECE,
    PLAIN,
    SHA256,
    UPLOAD,
    WORD,
    Found,
    Named,
    Part,
    Readable,
    Stored,
)

ONE_PUT_MAX = 8 << 20
"""A larger content travels in pieces of as much."""
AT_ONCE = 4
CONNECT_S, ANSWER_S = 5, 60
RETRIES = 3
BYTES = {"Content-Type": "application/octet-stream"}
"""What a descriptor says of its object, and a device insists on: an S3 would say what it likes."""
REGION = "us-east-1"
"""What servers other than Amazon's take, whatever they are."""


class S3Store:
    """One prefix; shared safely by any number of processes and threads."""

    is_near = False

    def __init__(self, bucket: Bucket, settings: S3Settings) -> None:
        """Asks nothing of the S3 yet. OSError: the extra is missing, or the settings are none."""
        self._obstore, self._errors = _loaded()
        with self._in_words():
            self._store = self._opened(bucket, settings, settings.endpoint)
            public = settings.public_endpoint
            self._public = self._opened(bucket, settings, public) if public else self._store
        self._checked: dict[str, tuple[str, bool]] = {}

    def add(self, content: Readable) -> Stored:
        """Spooled here until its name is known, then sent, and read back."""
        with tempfile.SpooledTemporaryFile(ONE_PUT_MAX) as file:
            stored = _spooled(content, file)
            self._send(stored, file)
        found = self.find(stored.sha256)
        if found is None or found.length != stored.length or not self.check(found):
            raise OSError(f"the S3 did not keep {stored.sha256} as it was sent: send it again")
        return stored

    def find(self, sha256: str) -> Found | None:
        """One question to the S3."""
        if SHA256.fullmatch(sha256) is None:
            return None
        try:
            with self._in_words():
                told = self._obstore.head(self._store, _key(sha256))
        except FileNotFoundError:
            return None
        mark = f"{told['e_tag']} {told['last_modified'].timestamp()}"
        return Found(sha256, told["size"], mark, tag=told["e_tag"] or "")

    def read(self, sha256: str, start: int = 0, count: int | None = None) -> Iterator[bytes]:
        """As they come; the request ends when nobody asks for more."""
        if count == 0:
            return
        wanted = {"offset": start} if count is None else (start, start + count)
        with self._in_words():
            got = self._obstore.get(self._store, _key(sha256), options={"range": wanted})
            for piece in got.stream(min_chunk_size=PIECE):
                yield bytes(piece)

    def checked(self, found: Found) -> bool | None:
        """As it was when it was read; None: it was written since, or never read."""
        mark, whole = self._checked.get(found.sha256, ("", False))
        return whole if mark == found.mark else None

    def check(self, found: Found) -> bool:
        """Fetch all of it, once."""
        running = hashlib.sha256()
        for piece in self.read(found.sha256):
            running.update(piece)
        whole = running.hexdigest() == found.sha256
        self._checked[found.sha256] = found.mark, whole
        return whole

    def lead(self, sha256: str, seconds: int) -> str | None:
        """A presigned address: whoever has it may read this content alone, for so long."""
        with self._in_words():
            wanted = timedelta(seconds=seconds)
            return str(self._obstore.sign(self._public, "GET", _key(sha256), wanted))

    def names(self) -> Iterator[Named]:
        """Page by page."""
        for told in self._listed("sha256"):
            sha256 = told["path"].removeprefix("sha256/").replace("/", "")
            if SHA256.fullmatch(sha256):
                yield Named(sha256, told["size"], told["last_modified"].timestamp())

    def named(self) -> Iterator[str]:
        """In whatever form they are named."""
        for told in self._listed("plain"):
            text = self.plain(told["path"].removeprefix("plain/")) or b""
            yield from (word.decode() for word in WORD.findall(text))

    def remove(self, sha256: str, before_s: float) -> bool:
        """Delete it if it is older."""
        try:
            with self._in_words():
                told = self._obstore.head(self._store, _key(sha256))
                if told["last_modified"].timestamp() >= before_s:
                    return False
                self._obstore.delete(self._store, _key(sha256))
        except FileNotFoundError:
            return False
        return True

    def put_part(self, upload: str, number: int, content: bytes) -> None:
        """An object of its own."""
        self._put(f"{_folder(upload)}/{number:06d}", content)

    def parts(self, upload: str) -> list[Part]:
        """Those that are whole."""
        found = [(told["path"].rpartition("/")[2], told["size"])
                 for told in self._listed(_folder(upload))]  # fmt: skip
        return sorted((Part(int(name), size) for name, size in found), key=lambda p: p.number)

    def read_part(self, upload: str, number: int) -> bytes:
        """The object."""
        with self._in_words():
            got = self._obstore.get(self._store, f"{_folder(upload)}/{number:06d}")
            return bytes(got.bytes())

    def drop(self, upload: str) -> None:
        """One after the other; those that are gone already are no matter."""
        for part in self.parts(upload):
            with self._in_words():
                self._obstore.delete(self._store, f"{_folder(upload)}/{part.number:06d}")

    def uploads(self) -> Iterator[str]:
        """Out of the names of their pieces."""
        yield from {told["path"].split("/")[1] for told in self._listed("uploads")}

    def put_plain(self, name: str, content: bytes) -> None:
        """An object below `plain/`."""
        if PLAIN.fullmatch(name) is None:
            raise ValueError(f"{name!r} is no name of a file in a store")
        self._put(f"plain/{name}", content)

    def plain(self, name: str) -> bytes | None:
        """The object, or None."""
        if PLAIN.fullmatch(name) is None:
            return None
        try:
            with self._in_words():
                return bytes(self._obstore.get(self._store, f"plain/{name}").bytes())
        except FileNotFoundError:
            return None

    def _send(self, stored: Stored, file: IO[bytes]) -> None:
        """Created, unless it is there; then written again, so that it is young and undamaged."""
        key, there = _key(stored.sha256), self.find(stored.sha256) is not None
        file.seek(0)
        if stored.length > ONE_PUT_MAX:
            with self._in_words():
                self._obstore.put(
                    self._store, key, file, use_multipart=True, chunk_size=ONE_PUT_MAX,
                    max_concurrency=AT_ONCE, attributes=BYTES,
                )  # fmt: skip
            return
        with suppress(FileExistsError):  # somebody was faster, with the same bytes
            self._put(key, file.read(), "overwrite" if there else "create")

    def _put(self, key: str, content: bytes, mode: str = "overwrite") -> None:
        with self._in_words():
            self._obstore.put(
                self._store, key, content, mode=mode, use_multipart=False, attributes=BYTES
            )

    def _listed(self, prefix: str) -> Iterator[dict[str, Any]]:
        with self._in_words():
            for page in self._obstore.list(self._store, prefix):
                yield from page

    def _opened(self, bucket: Bucket, settings: S3Settings, endpoint: str) -> Any:
        from obstore.store import S3Store as Opened

        given: dict[str, Any] = {
            "access_key_id": settings.access_key_id,
            "secret_access_key": settings.secret_access_key,
            "session_token": settings.session_token,
            "endpoint": endpoint,
        }
        return Opened(
            bucket.name,
            prefix=bucket.prefix or None,
            region=settings.region or REGION,
            # Amazon's own buckets are hosts; those of other servers are paths
            virtual_hosted_style_request=not endpoint,
            checksum_algorithm="SHA256",
            client_options={
                "allow_http": True, "timeout": f"{ANSWER_S}s", "connect_timeout": f"{CONNECT_S}s",
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=ANSWER_S)},
            **{name: value for name, value in given.items() if value},
        )  # fmt: skip

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What obstore raises, as what callers of a store know."""
        try:
            yield
        except FileNotFoundError:
            raise
        except self._errors.AlreadyExistsError as fault:
            raise FileExistsError("it is there") from fault
        except self._errors.BaseError as fault:
            raise OSError(f"the S3: {type(fault).__name__}: {_first_line(fault)}") from fault


def _loaded() -> tuple[Any, Any]:
    try:
        import obstore
        import obstore.exceptions
    except ImportError:
        raise OSError("a store in an S3 needs the extra s3: pip install 'fumo[s3]'") from None
    return obstore, obstore.exceptions


def _spooled(content: Readable, file: IO[bytes]) -> Stored:
    running, length = hashlib.sha256(), 0
    while piece := content.read(PIECE):
        file.write(piece)
        running.update(piece)
        length += len(piece)
    return Stored(running.hexdigest(), length)


def _key(sha256: str) -> str:
    return f"sha256/{sha256[:2]}/{sha256[2:]}"


def _folder(upload: str) -> str:
    if UPLOAD.fullmatch(upload) is None:
        raise ValueError(f"{upload!r} is no name of an upload")
    return f"uploads/{upload}"


def _first_line(fault: Exception) -> str:
    return str(fault).partition("\n")[0][:200]
