"""Two versions of a real firmware image, and the package that leads from the one to the other.

An image is a tar of this interpreter's standard library: real files, the same bytes whenever it is
built. The new version differs from the old in its version file and in changed modules.
"""

import hashlib
import io
import sysconfig
import tarfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from fumo.package.manifest import Manifest, build

MODEL = "Fumo One"
OLD_VERSION = "1.0"
NEW_VERSION = "1.1"
IMAGE_BYTES_MIN = 8 * 1024 * 1024
MEMBER_BYTES_MAX = 512 * 1024
CHANGED_EVERY = 7


class Image(Struct, frozen=True):
    """One version of the firmware."""

    version: str
    data: bytes
    sha256: str


def old_and_new() -> tuple[Image, Image]:
    """Both versions."""
    members = list(_library())
    return _image(OLD_VERSION, members), _image(NEW_VERSION, _changed(members))


def package_for(old: Image, new: Image) -> bytes:
    """The package that updates the old version to the new one."""
    manifest = Manifest(
        model=MODEL,
        version=new.version,
        length=len(new.data),
        sha256=new.sha256,
        from_version=old.version,
    )
    return b"".join(build(manifest, [new.data]))


def _library() -> Iterator[tuple[str, bytes]]:
    """Modules by name, until there is enough of them."""
    root = Path(sysconfig.get_path("stdlib"))
    total = 0
    for path in sorted(root.rglob("*.py")):
        if total >= IMAGE_BYTES_MIN or "-packages" in str(path.relative_to(root)):
            continue
        data = path.read_bytes()
        if len(data) <= MEMBER_BYTES_MAX:
            total += len(data)
            yield path.relative_to(root).as_posix(), data


def _changed(members: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """As a release does: some modules lose their comments, the others stay."""
    return [
        (name, _without_comments(data) if place % CHANGED_EVERY == 0 else data)
        for place, (name, data) in enumerate(members)
    ]


def _without_comments(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(b"\n" if line.lstrip().startswith(b"#") else line for line in lines)


def _image(version: str, members: list[tuple[str, bytes]]) -> Image:
    """A tar without owners or times, so that the same members give the same bytes."""
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in [("etc/version", f"{version}\n".encode()), *members]:
            about = tarfile.TarInfo(f"usr/lib/python/{name}" if name != "etc/version" else name)
            about.size = len(data)
            tar.addfile(about, io.BytesIO(data))
    data = memory.getvalue()
    return Image(version, data, hashlib.sha256(data).hexdigest())
