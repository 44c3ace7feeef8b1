"""The makers of deltas, by the extra `delta`: zstd with the old image as its prefix, and bsdiff4.

Each takes both files in memory; its own process bounds how much that may be (`__main__`).
"""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

from fumo.package import bsdiff, zstd_frame
from fumo.package.plan import Format

ZSTD_MODULES = ("compression.zstd", "backports.zstd")  # of Python 3.14, and for those before it
WINDOW_LOG_MIN, WINDOW_LOG_MAX = 10, 31  # what zstd itself allows


def installed() -> tuple[Format, ...]:
    """Those that can be made here, the one to try first before the others."""
    modules = {Format.ZSTD: ZSTD_MODULES, Format.BSDIFF4: ("bsdiff4",)}
    return tuple(one for one, names in modules.items() if any(map(_is_there, names)))


def make(format_: Format, old: bytes, new: bytes, level: int) -> bytes:
    """The delta from `old` to `new`."""
    return MAKERS[format_](old, new, level)


def _by_zstd(old: bytes, new: bytes, level: int) -> bytes:
    """As `zstd --patch-from` does it: a window over all of the old file and the new one.

    The frame tells its length, so a device asks for no more memory than the new file is long.
    """
    zstd: Any = importlib.import_module(next(filter(_is_there, ZSTD_MODULES)))
    wanted = max(len(old), len(new)).bit_length()
    options = {
        zstd.CompressionParameter.compression_level: level,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
        zstd.CompressionParameter.window_log: min(max(wanted, WINDOW_LOG_MIN), WINDOW_LOG_MAX),
    }
    prefix = zstd.ZstdDict(old, is_raw=True).as_prefix
    maker = zstd.ZstdCompressor(options=options, zstd_dict=prefix)
    made: bytes = maker.compress(new, maker.FLUSH_FRAME)
    return made


def _by_bsdiff4(old: bytes, new: bytes, _level: int) -> bytes:
    bsdiff4: Any = importlib.import_module("bsdiff4")
    made: bytes = bsdiff4.diff(old, new)
    return made


MAKERS: Mapping[Format, Callable[[bytes, bytes, int], bytes]] = {
    Format.ZSTD: _by_zstd,
    Format.BSDIFF4: _by_bsdiff4,
}


def undo(format_: Format, old: bytes, made: bytes, length: int) -> bytes:
    """What a device makes of it."""
    if format_ is Format.BSDIFF4:
        return b"".join(bsdiff.apply(_reader(old), len(old), _reader(made), length))
    zstd: Any = importlib.import_module(next(filter(_is_there, ZSTD_MODULES)))
    window = zstd_frame.window_bytes(made[: zstd_frame.HEAD_LENGTH_MAX])
    most = max(WINDOW_LOG_MIN, (window - 1).bit_length())
    unpacker = zstd.ZstdDecompressor(
        zstd_dict=zstd.ZstdDict(old, is_raw=True).as_prefix,
        options={zstd.DecompressionParameter.window_log_max: most},
    )
    undone: bytes = unpacker.decompress(made, length + 1)
    return undone


def _reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda offset, length: data[offset : offset + length]


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of the package it is in
        return False
