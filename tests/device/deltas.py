"""Deltas as their makers make them, and readers of bytes."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256

import bsdiff4

from fumo.device.edges.patching import ZSTD_MODULES, Base, _first_of
from fumo.package.plan import Delta, Format

zstd = _first_of(ZSTD_MODULES)


def reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda offset, length: data[offset : offset + length]


def base_of(old: bytes) -> Base:
    return Base(reader(old), len(old))


def by_bsdiff4(old: bytes, new: bytes) -> bytes:
    return bsdiff4.diff(old, new)


def by_zstd(old: bytes, new: bytes, window_log: int | None = None, level: int = 3) -> bytes:
    """What `zstd --patch-from` makes."""
    options = {
        zstd.CompressionParameter.compression_level: level,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
        zstd.CompressionParameter.window_log: window_log
        or max(10, max(len(old), len(new)).bit_length()),
    }
    prefix = zstd.ZstdDict(old, is_raw=True).as_prefix
    maker = zstd.ZstdCompressor(options=options, zstd_dict=prefix)
    return maker.compress(new, maker.FLUSH_FRAME)


MAKERS = {Format.ZSTD: by_zstd, Format.BSDIFF4: by_bsdiff4}


def delta_of(form: Format, old: bytes, patch: bytes, url: str = "delta") -> Delta:
    digest = partial(lambda data: sha256(data).hexdigest())
    return Delta(url, form, len(patch), digest(patch), digest(old), len(old))
