"""The words of WBXML's grammar that every writer needs. Pure."""


def uint32(value: int) -> bytes:
    """A number as mb_u_int32."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
