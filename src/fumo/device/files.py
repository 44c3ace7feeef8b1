"""The few file operations that firmware needs, as a port: what survives a power cut is explicit.

`Files` names files by short relative names inside one folder. Bytes are durable after `sync`;
`replace` is atomic, and durable when it returns (it syncs the file and the folder).
"""

from typing import Protocol


class Files(Protocol):
    """A flat folder of files."""

    def exists(self, name: str) -> bool:
        """Is there such a file?"""

    def size(self, name: str) -> int:
        """Length in bytes; 0 for a missing file."""

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Up to `length` bytes; b"" at the end or for a missing file."""

    def write(self, name: str, offset: int, data: bytes | memoryview) -> None:
        """Write in place, making the file when missing; not durable before `sync`. OSError."""

    def truncate(self, name: str, length: int) -> None:
        """Cut or extend to `length`."""

    def sync(self, name: str) -> None:
        """All written to it, and its name, survive a power cut from here on."""

    def replace(self, name: str, data: bytes) -> None:
        """The file is `data`, whole and durable; a power cut leaves the old or the new, whole."""

    def rename(self, name: str, new: str) -> None:
        """Atomic and durable; replaces `new`."""

    def delete(self, name: str) -> None:
        """Gone durably; a missing file is fine."""

    def free(self) -> int:
        """Bytes that can still be written."""
