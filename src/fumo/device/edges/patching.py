"""Applies deltas: zstd (`--patch-from`, by the extra `delta`) and bsdiff4 (nothing needed).

Whatever a delta holds, four bounds stand before it (attack A19): its base is hashed first; zstd
needs base and window in memory, and beyond `memory_bytes_max` the full package is taken instead
(bsdiff4 streams); no byte beyond the length that was signed is given; and whoever takes the bytes
compares their digest. Never writes anything itself.
"""

import hashlib
import importlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from msgspec import Struct

from fumo.device.ports import Log, Reader
from fumo.errors import DecodeError
from fumo.package import bsdiff, zstd_frame
from fumo.package.plan import Delta, Format

MEMORY_BYTES_MAX = 128 * 1024 * 1024
PIECE = 256 * 1024
WINDOW_LOG_MIN = 10  # what zstd itself allows
ZSTD_MODULES = ("compression.zstd", "backports.zstd")  # of Python 3.14, and for those before it


class Base(Struct, frozen=True):
    """What deltas start from: on `ab_file` the slot that runs. It may be longer than its image."""

    read: Reader
    length: int


class Patching:
    """Implements `Patcher`."""

    def __init__(
        self,
        base: Callable[[], Base | None],
        log: Log,
        memory_bytes_max: int = MEMORY_BYTES_MAX,
        modules: tuple[str, ...] = ZSTD_MODULES,
    ) -> None:
        """`base` is asked each time, since another slot may run by then; `modules` have zstd."""
        self._base = base
        self._log = log
        self._memory_bytes_max = memory_bytes_max
        self._modules = modules

    @cached_property
    def _zstd(self) -> Any:
        """Loaded with the first delta that needs it: most devices never see one."""
        return _first_of(self._modules)

    def fits(self, delta: Delta, length: int) -> bool:
        """Is there any use in fetching it?"""
        why = self._unfit(delta, length)
        if why is not None:
            self._log("DeltaPassedOver", url=delta.url, reason=why)
        return why is None

    def patch(self, delta: Delta, length: int, read: Reader) -> Iterator[bytes]:
        """The package, exactly `length` bytes of it; all that is wrong is told on the way."""
        if (why := self._unfit(delta, length)) is not None:
            raise DecodeError(f"the delta does not fit: {why}")
        base = self._base()
        assert base is not None
        if delta.format is Format.BSDIFF4:
            pieces = bsdiff.apply(base.read, delta.base_length, read, length)
        else:
            pieces = self._by_zstd(delta, base, length, read)
        yield from _exactly(length, pieces)

    def _unfit(self, delta: Delta, length: int) -> str | None:
        """Why it is of no use; the cheap questions first."""
        if delta.format is Format.ZSTD:
            if self._zstd is None:
                return "zstd is not installed: pip install 'fumo[delta]'"
            need = delta.base_length + max(length, delta.length)
            if need > self._memory_bytes_max:
                return f"{need} bytes of memory are more than {self._memory_bytes_max}"
        base = self._base()
        if base is None or base.length < delta.base_length:
            return "its base is not here"
        return None if _digest(base, delta.base_length) == delta.base_sha256 else "another base"

    def _by_zstd(self, delta: Delta, base: Base, length: int, read: Reader) -> Iterator[bytes]:
        zstd: Any = self._zstd
        window = zstd_frame.window_bytes(read(0, zstd_frame.HEAD_LENGTH_MAX))
        if delta.base_length + window > self._memory_bytes_max:
            raise DecodeError(f"the delta asks for a window of {window} bytes")
        unpacker = zstd.ZstdDecompressor(
            # Read anew: what was hashed is not kept, so the digest of the whole decides.
            zstd_dict=zstd.ZstdDict(base.read(0, delta.base_length), is_raw=True).as_prefix,
            options={zstd.DecompressionParameter.window_log_max: _log2_up(window)},
        )
        at = 0
        while not unpacker.eof:
            packed = read(at, PIECE) if unpacker.needs_input else b""
            if unpacker.needs_input and not packed:
                raise DecodeError("the delta is cut", f"offset {at}")
            at += len(packed)
            try:
                yield unpacker.decompress(packed, PIECE)
            except zstd.ZstdError as error:
                raise DecodeError("the delta is broken", f"offset {at}") from error


def _exactly(length: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Not a byte more, not one less."""
    left = length
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise DecodeError(f"the delta makes more than {length} bytes")
        yield piece
    if left:
        raise DecodeError(f"the delta makes {left} bytes too few")


def _digest(base: Base, length: int) -> str | None:
    """None when it cannot be read."""
    running = hashlib.sha256()
    try:
        for start in range(0, length, PIECE):
            running.update(base.read(start, min(PIECE, length - start)))
    except OSError:
        return None
    return running.hexdigest()


def _log2_up(size: int) -> int:
    return max(WINDOW_LOG_MIN, (size - 1).bit_length())


def _first_of(modules: tuple[str, ...]) -> Any:
    """The first of them that is installed, or None."""
    for name in modules:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None
