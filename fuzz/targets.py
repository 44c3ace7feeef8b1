"""What is fuzzed: each target reads bytes of a stranger and may only answer, or refuse by name.

A target is a plain function of bytes. It says whether it took the input (or refused it as it
should); anything that it raises is a finding. Its seeds are inputs that reach deep.
"""

import bz2
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from fumo.codes import Status
from fumo.dm import bootstrap, notification, prov, wsp
from fumo.dm.account import Provisioned
from fumo.dm.auth import Login
from fumo.dm.codec import decode, encode
from fumo.dm.message import WBXML, XML, Message, name_of
from fumo.dm.notification import Trigger
from fumo.dm.render import render
from fumo.dm.tnds import decode_tnds, encode_tnds
from fumo.errors import DecodeError, MisuseError
from fumo.package import bsdiff, zstd_frame
from fumo.tree import acl, uri
from fuzz import answers, signed
from fuzz.cost import FLOOR_S

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests"
TNDS_XML = "application/vnd.syncml.dmtnds+xml"
SECRETS = bootstrap.Secrets(imsi="262011234567890", pin="1234", network=b"network-secret")
SERVER = Login("mgmt", "secret")
DELTA_BASE = bytes(range(256)) * 8
DELTA_LENGTH_MAX = 64 * 1024
BZIP2_FLOOR_S = 0.05
"""A broken block of 80 bytes costs bzip2 4 ms, and each of three streams may have one: the price of
a block of 900 kB, which its head asks for. It grows with nothing that a stranger sends."""


class Target(Struct, frozen=True):
    """A name, what it is given to, and where it may begin. Below `floor_s` nothing is dear."""

    name: str
    give: Callable[[bytes], bool]
    seeds: Callable[[], Iterable[bytes]]
    floor_s: float = FLOOR_S


def _message(body: bytes, media_type: str) -> Message | None:
    try:
        return decode(body, media_type)
    except DecodeError:
        return None


def xml(data: bytes) -> bool:
    """Any body as an XML message; what is read can be shown."""
    message = _message(data, XML)
    if message is not None:
        render(message)
    return message is not None


def wbxml(data: bytes) -> bool:
    """Any body as a WBXML message; what is read can be shown."""
    message = _message(data, WBXML)
    if message is not None:
        render(message)
    return message is not None


def same_meaning(data: bytes) -> bool:
    """What one form says the other says too: XML → value → WBXML → value, and back.

    The first turn may tidy up an embedded document that its writer left untidy; then all is still.
    """
    first, other = (XML, WBXML) if data[:1] == b"<" else (WBXML, XML)
    message = _message(data, first)
    if message is None:
        return False
    try:
        told = _said_in(other, message)
        tidy = _said_in(other, _said_in(first, told))
    except MisuseError:
        return False  # a control character that XML cannot carry
    assert _outline(told) == _outline(message), "the two forms disagree in their commands"
    assert _said_in(other, _said_in(first, tidy)) == tidy, "the two forms disagree"
    return True


def _said_in(form: str, message: Message) -> Message:
    return decode(encode(message, form), form)


def _outline(message: Message) -> tuple[object, ...]:
    """All but the data: who speaks, and which commands on how many items."""
    items = [len(getattr(command, "items", ())) for command in message.commands]
    names = [(name_of(command), command.cmd_id) for command in message.commands]
    return message.header, message.final, tuple(names), tuple(items)


def address(data: bytes) -> bool:
    """A LocURI never leads out of the tree, and an access list reads as it is written."""
    text = data.decode("utf-8", "replace")
    read = uri.parse(text, uri.Limits())
    if not isinstance(read, Status):
        names = read.uri.split("/")
        assert names[0] == ".", f"{read.uri!r} does not begin at the root"
        assert not {"", "."} & set(names[1:]), f"{read.uri!r} leads elsewhere"
        assert ".." not in names, f"{read.uri!r} leads out"
    rights = acl.parse(text)
    if rights is not None:
        assert acl.parse(acl.written(rights)) == rights, "an access list changes when written"
    return not isinstance(read, Status) or rights is not None


def push(data: bytes) -> bool:
    """A datagram as a push, and what it carries as a notification."""
    try:
        carried = wsp.parse(data).body
    except DecodeError:
        carried = data
    try:
        notice = notification.parse(carried)
    except DecodeError:
        return False
    notification.worth(notice, SERVER, b"nonce", resync=True)
    return True


def bootstraps(data: bytes) -> bool:
    """A bootstrap by push or by file; unproven it changes nothing, proven it is judged."""
    try:
        offered = bootstrap.read_file(data)
    except DecodeError:
        return False
    bootstrap.judge(offered, SECRETS)
    bootstrap.judge(offered, SECRETS, used=2)
    return True


def provisioning(data: bytes) -> bool:
    """The body of a bootstrap, as if its MAC were right."""
    try:
        prov.decode_prov(data)
    except DecodeError:
        return False
    return True


def tnds(data: bytes) -> bool:
    """A serialised tree, in both forms; what is read is written and read alike."""
    try:
        tree = decode_tnds(data)
    except DecodeError:
        return False
    try:
        written = encode_tnds(tree, TNDS_XML)
    except MisuseError:
        return False  # a control character that XML cannot carry
    assert decode_tnds(encode_tnds(decode_tnds(written), TNDS_XML)) == decode_tnds(written)
    return True


def bsdiff_patch(data: bytes) -> bool:
    """A patch of bsdiff; what is made has the length that was signed."""
    length = min(int.from_bytes(data[24:32], "little"), DELTA_LENGTH_MAX)
    try:
        made = bsdiff.apply(_reader(DELTA_BASE), len(DELTA_BASE), _reader(data), length)
        assert sum(map(len, made)) == length
    except DecodeError:
        return False
    return True


def frame_head(data: bytes) -> bool:
    """The head of a zstd frame, read before anything is unpacked; what follows it says nothing."""
    try:
        window = zstd_frame.window_bytes(data)
    except DecodeError:
        return False
    assert window == zstd_frame.window_bytes(data[: zstd_frame.HEAD_LENGTH_MAX])
    return True


def _reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda offset, length: data[offset : offset + length]


def _patches() -> Iterable[bytes]:
    """One that adds, copies and moves, and an empty one."""
    steps, diff, extra = ((300, 4, -200), (100, 0, 0)), bytes(400), b"more"
    for moves, length in ((steps, 404), ((), 0)):
        numbers = [number for step in moves for number in step]
        octets = b"".join(bsdiff.octets(number) for number in numbers)
        control, second = bz2.compress(octets), bz2.compress(diff)
        told = b"".join(map(bsdiff.octets, (len(control), len(second), length)))
        yield bsdiff.MAGIC + told + control + second + bz2.compress(extra)


def _frames() -> Iterable[bytes]:
    """With its window said, and with the size of all of it instead."""
    yield zstd_frame.MAGIC + b"\xa0" + bytes(12)
    yield zstd_frame.MAGIC + b"\x00" + bytes(12)


def files(pattern: str) -> Callable[[], Iterable[bytes]]:
    """The golden files that fit: `golden/` has messages, `documents/` what messages carry."""
    return lambda: [path.read_bytes() for path in sorted(GOLDEN.glob(pattern))]


def _bootstraps() -> Iterable[bytes]:
    """A bootstrap of each profile, with each way to prove it."""
    account = Provisioned("mgmt", "http://dm.example/dm", Login("user", "secret"), SERVER)
    for profile in bootstrap.Profile:
        for sec in bootstrap.Sec:
            yield wsp.build(bootstrap.offer(profile, account, sec, SECRETS))


def _notifications() -> Iterable[bytes]:
    body = notification.build(Trigger("mgmt", 0x1234), SERVER, b"nonce")
    yield body
    for well_known in (True, False):
        yield wsp.build(wsp.Push(wsp.NOTIFICATION, {}, 7, body), well_known)


TARGETS = {
    target.name: target
    for target in (
        Target("xml", xml, files("golden/*.xml")),
        Target("wbxml", wbxml, files("golden/*.wbxml")),
        Target("same-meaning", same_meaning, files("golden/*ml")),
        Target("address", address, lambda: [b"./A/B?prop=ACL", b"Get=a+b&Replace=*&Exec=c"]),
        Target("push", push, _notifications),
        Target("bootstrap", bootstraps, _bootstraps),
        Target("provisioning", provisioning, files("documents/*")),
        Target("tnds", tnds, files("documents/*")),
        Target("bsdiff", bsdiff_patch, _patches, BZIP2_FLOOR_S),
        Target("zstd-frame", frame_head, _frames),
        Target("descriptor", answers.descriptor, answers.descriptors),
        Target("answer", answers.answer, answers.answers),
        Target("listing", signed.listing, signed.listings),
        Target("pointer", signed.pointer, signed.pointers),
    )
}
