"""Packages that somebody vouched for: what was signed bounds the stream and judges the bytes."""

import random
from hashlib import sha256

import pytest

from fumo.device.edges.pace import Limits
from fumo.package.manifest import Manifest, encode
from fumo.package.plan import Plan
from fumo.testing.disk import Damage, MemoryFiles
from fumo.update.failures import Cause, failure
from fumo.update.operation import Failure
from tests.device.downloads import Fetch, package
from tests.device.servers import head, honest, says, scripted

IMAGE = random.Random(1).randbytes(3000)
PACKAGE = package(IMAGE)
TOTAL = len(PACKAGE)


def signed(content: bytes = PACKAGE, **more) -> Plan:
    return Plan(len(content), sha256(content).hexdigest(), **more)


def fetch_from(*answers, plan, **settings) -> Fetch:
    plans = iter(plan) if isinstance(plan, list) else None
    vouch = (lambda order: next(plans)) if plans else (lambda order: plan)
    with scripted(*answers) as server:
        one = Fetch(server.url, vouch=vouch, **settings)
        one.run()
        one.requests = server.seen
    return one


def test_what_was_signed_is_fetched_and_held_by_its_digest():
    one = fetch_from(honest(PACKAGE), plan=signed())
    assert one.causes == []
    assert one.content() == PACKAGE
    assert one.held.sha256 == sha256(PACKAGE).hexdigest()
    assert one.held.manifest in PACKAGE


def test_a_manifest_that_was_signed_apart_makes_any_file_a_package():
    text = encode(Manifest("lamp", "2", len(IMAGE), sha256(IMAGE).hexdigest()))
    one = fetch_from(honest(IMAGE), plan=signed(IMAGE, manifest=text))
    assert one.content() == IMAGE
    assert one.held.manifest == text


def test_without_a_manifest_anywhere_it_is_no_package():
    one = fetch_from(honest(IMAGE), plan=signed(IMAGE))
    assert one.causes == [Cause.NOT_ACCEPTABLE]
    assert fetch_from(honest(IMAGE), plan=signed(IMAGE), raw=True).content() == IMAGE


@pytest.mark.parametrize("cause", [Cause.UNFIT, Cause.INVALID, Cause.NOT_ACCEPTABLE])
def test_a6_what_nobody_vouches_for_is_not_asked_for(cause):
    one = fetch_from(honest(PACKAGE), plan=failure(cause))
    assert one.causes == [cause]
    assert one.requests == []
    assert not one.files.volatile


def test_a_reason_of_the_vouchers_own_is_told_as_it_is():
    own = Failure("a maker's own reason", 405, temporary=False)
    one = fetch_from(honest(PACKAGE), plan=own)
    assert one.happened[-1].failure == own


def test_whoever_vouches_may_be_out_of_reach_for_a_while():
    away = failure(Cause.UNAVAILABLE)
    one = fetch_from(honest(PACKAGE), plan=[away, away, signed()])
    assert one.causes == [Cause.UNAVAILABLE] * 2
    assert one.content() == PACKAGE


OTHERS = {
    "longer": (honest(PACKAGE + b"x"), Cause.CORRUPT),
    "shorter": (honest(PACKAGE[:-1]), Cause.CORRUPT),
    "another": (honest(package(IMAGE[::-1])), Cause.CORRUPT),
    "another head": (honest(package(IMAGE, version="3")), Cause.CORRUPT),
    "cut, and nobody told its length": (
        says(200, PACKAGE[:9], content_length=None),
        Cause.SHORT_BODY,
    ),
}


@pytest.mark.parametrize(("answer", "cause"), OTHERS.values(), ids=OTHERS)
def test_f17_other_bytes_than_the_signed_ones_are_not_held(answer, cause):
    one = fetch_from(answer, plan=signed())
    assert set(one.causes) == {cause}
    assert not one.files.exists("package")


def test_f16_a_header_that_lies_about_the_signed_length_is_enough():
    def liar(_seen, peer):
        peer.sendall(head(200, {"content_length": TOTAL + 1}))

    one = fetch_from(liar, plan=signed())
    assert one.causes == [Cause.CORRUPT]


def test_a5_a_body_without_end_is_cut_at_the_signed_length():
    def endless(_seen, peer):
        peer.sendall(head(200, {"transfer_encoding": "chunked"}) + b"%x\r\n" % (1 << 40))
        while True:
            peer.sendall(b"FUMO1\n" + bytes(65536))

    text = encode(Manifest("lamp", "2", len(IMAGE), sha256(IMAGE).hexdigest()))
    one = fetch_from(endless, plan=signed(IMAGE, manifest=text))
    assert one.causes == [Cause.CORRUPT]
    assert one.files.size("package.part") <= len(IMAGE)


def test_f18_room_for_what_was_signed_is_looked_for_before_anything_is_asked():
    one = fetch_from(honest(PACKAGE), plan=signed(), files=MemoryFiles(capacity=TOTAL - 1))
    assert one.causes == [Cause.NO_SPACE_DOWNLOAD]
    assert one.requests == []


def test_a_package_larger_than_this_device_takes_is_not_asked_for():
    one = fetch_from(honest(PACKAGE), plan=signed(), limits=Limits(package_bytes_max=TOTAL - 1))
    assert one.causes == [Cause.NO_SPACE_DOWNLOAD]
    assert one.requests == []


def test_f14_after_a_restart_the_signed_digest_judges_what_was_there_before():
    with scripted(honest(PACKAGE)) as server:
        limits = Limits(checkpoint_bytes=1000)
        one = Fetch(server.url, vouch=lambda order: signed(), limits=limits)
        one.once()
        one.files.cut(Damage.ALL)
        one.files.write("package.part", 500, b"rot")
        one.start()
        one.run()
    assert one.causes == [Cause.CORRUPT]


FLIPS = random.Random(3).sample(range(TOTAL * 8), 120)


@pytest.mark.parametrize("vouched", [True, False])
def test_f17_a_bit_that_was_flipped_anywhere_is_found_out(vouched):
    """Unvouched, a flip in the words of the manifest may be a word of its own."""
    image_at = TOTAL - len(IMAGE)
    for bit in FLIPS if vouched else [bit for bit in FLIPS if bit // 8 >= image_at]:
        flipped = bytearray(PACKAGE)
        flipped[bit // 8] ^= 1 << bit % 8
        plan = signed() if vouched else Plan()
        one = fetch_from(honest(bytes(flipped)), plan=plan)
        results = {404, 405} if bit // 8 < image_at else set()
        assert one.happened[-1].failure.result in {402, *results}, bit
        assert not one.files.exists("package")
