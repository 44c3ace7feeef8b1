"""What stands in signed metadata about a package, and what a PkgURL says of one."""

import json
from collections.abc import Iterable

from fumo.device.pointer import is_name, read_pointer
from fumo.errors import DecodeError
from fumo.package.listing import Listing, plan_of
from fumo.package.manifest import decode

SHA256 = "0b" * 32
FILE_LENGTH = 150
SAYS = {"model": "lamp", "version": "2", "length": 100, "sha256": SHA256}
DELTA = {"url": "d/1-2", "format": "zstd", "length": 9, "base_length": 90}
DELTA |= {"sha256": SHA256, "base_sha256": SHA256}


def listing(data: bytes) -> bool:
    """Any signed words: a plan that can be true, or a refusal."""
    try:
        custom = json.loads(data)
    except (ValueError, RecursionError):
        return False
    try:
        says, plan = plan_of(Listing(FILE_LENGTH, SHA256, custom))
    except DecodeError:
        return False
    assert plan.manifest is not None, "no manifest"
    assert decode(plan.manifest) == says, "another manifest"
    assert all(delta.length < FILE_LENGTH for delta in plan.deltas), "a delta of no use"
    assert not any(".." in delta.url.split("/") for delta in plan.deltas), "a way out"
    return True


def listings() -> Iterable[bytes]:
    """All fields, the least, and an image that is the whole file."""
    more = {"hardware": ["r1"], "base_sha256": SHA256, "format": "rauc", "deltas": [DELTA]}
    for custom in (SAYS, SAYS | more, SAYS | {"length": FILE_LENGTH}):
        yield json.dumps(custom).encode()


def pointer(data: bytes) -> bool:
    """Any PkgURL: a name and a digest, or neither."""
    found = read_pointer(data.decode("utf-8", "replace"))
    assert found.name is None or is_name(found.name), "a name that is none"
    assert not (found.malformed and (found.name or found.sha256)), "malformed, and believed"
    return not found.malformed


def pointers() -> Iterable[bytes]:
    """A segment, and words behind the hash."""
    yield b"http://h/p/lamp%202.pkg?x=y"
    yield f"http://h/p/7#target=lamp-2.pkg&sha256={SHA256}".encode()
