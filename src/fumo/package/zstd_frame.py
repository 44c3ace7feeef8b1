"""The head of a zstd frame, as far as it tells how much memory the frame wants. Pure.

(RFC 8878, 3.1.1.1.) Looked at before a decoder is made, since the decoder asks for the memory.
"""

from fumo.errors import DecodeError

MAGIC = b"\x28\xb5\x2f\xfd"
HEAD_LENGTH_MAX = 18
SINGLE_SEGMENT = 1 << 5
SIZE_LENGTHS = (0, 2, 4, 8)
DICTIONARY_LENGTHS = (0, 1, 2, 4)


def window_bytes(front: bytes) -> int:
    """The window the frame asks for; DecodeError when this is no frame, or its head is cut."""
    if front[:4] != MAGIC or len(front) < 6:
        raise DecodeError("this is no zstd frame", "offset 0")
    flags = front[4]
    if not flags & SINGLE_SEGMENT:
        return _window(front[5])
    start = 5 + DICTIONARY_LENGTHS[flags & 3]
    size_length = SIZE_LENGTHS[flags >> 6] or 1  # a single segment always tells its size
    size = front[start : start + size_length]
    if len(size) != size_length:
        raise DecodeError("the head of the zstd frame is cut", f"offset {len(front)}")
    return int.from_bytes(size, "little") + (256 if size_length == 2 else 0)


def _window(octet: int) -> int:
    """RFC 8878, 3.1.1.1.2: a power of two, and eighths of it."""
    base: int = 1 << (10 + (octet >> 3))
    return base + base // 8 * (octet & 7)
