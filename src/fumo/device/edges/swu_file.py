"""The version that a bundle of SWUpdate names: in its first file, `sw-description`.

    cpio "newc": 110 bytes of hex numbers · the name, a zero, padding to 4 · the file

Read only after SWUpdate believed the bundle. A description that is none names no version.
"""

import re

from fumo.device.files import Files

MAGICS = (b"070701", b"070702")
HEAD = 110
NAME = "sw-description"
DESCRIPTION_MAX = 1024 * 1024
VERSION = re.compile(rb"""["']?\bversion["']?\s*[=:]\s*["']([^"'\n]{1,256})["']""")


def version_of(files: Files, name: str) -> str | None:
    """As the description says it; None when it says none."""
    head = files.read(name, 0, HEAD)
    if head[:6] not in MAGICS or len(head) < HEAD:
        return None
    try:
        length, name_length = int(head[54:62], 16), int(head[94:102], 16)
    except ValueError:
        return None
    if length > DESCRIPTION_MAX or files.read(name, HEAD, len(NAME)) != NAME.encode():
        return None
    start = (HEAD + name_length + 3) // 4 * 4
    found = VERSION.search(files.read(name, start, length))
    return found.group(1).decode("utf-8", "replace") if found else None
