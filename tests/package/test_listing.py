"""What a repository lists of a package: a plan that can be true, or a refusal."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.errors import DecodeError
from fumo.package.listing import DELTAS_MAX, Listing, plan_of
from fumo.package.manifest import Manifest, decode
from fumo.package.plan import Delta, Format, Plan

SHA, OTHER = hashlib.sha256(b"whole").hexdigest(), hashlib.sha256(b"other").hexdigest()
SAYS = {"model": "lamp", "version": "2", "length": 100, "sha256": OTHER}
DELTA = {
    "url": "deltas/1-2.zst",
    "format": "zstd",
    "length": 10,
    "sha256": OTHER,
    "base_sha256": SHA,
    "base_length": 90,
}


def listed(length: int = 150, sha256: str | None = SHA, **changes) -> Listing:
    return Listing(length, sha256, SAYS | changes)


def test_what_is_listed_is_a_plan():
    says, plan = plan_of(listed(hardware=["r1"], region="north"))
    assert says == Manifest("lamp", "2", 100, OTHER, hardware=("r1",))
    assert (plan.length, plan.sha256, plan.deltas) == (150, SHA, ())
    assert plan.manifest is not None
    assert decode(plan.manifest) == says


def test_an_image_may_be_the_whole_file():
    assert plan_of(listed(100, OTHER))[1].length == 100
    assert plan_of(listed(100, OTHER, format="rauc"))[1].length == 100
    assert plan_of(listed(150, SHA, format="rauc"))[1].length == 150


def test_deltas_are_taken_in_their_order_if_they_can_be_used():
    later = DELTA | {"format": "of a later version"}
    long = DELTA | {"length": 150}
    small = DELTA | {"format": "bsdiff4", "url": "x"}
    plan = plan_of(listed(deltas=[later, long, small, DELTA]))[1]
    assert plan.deltas == (
        Delta("x", Format.BSDIFF4, 10, OTHER, SHA, 90),
        Delta("deltas/1-2.zst", Format.ZSTD, 10, OTHER, SHA, 90),
    )


URLS = ["", "/x", "//h/x", "http://h/x", "../x", "a/../x", "a/./x", "a//x", "..", "%2e%2e/x", "a b"]
CANNOT_BE = [
    Listing(150, None, SAYS),
    Listing(150, SHA.upper(), SAYS),
    Listing(150, "", SAYS),
    Listing(150, SHA),
    Listing(150, SHA, []),
    Listing(150, SHA, "lamp"),
    Listing(150, SHA, {}),
    Listing(150, SHA, SAYS | {"more": "x" * 70000}),
    Listing(150, SHA, SAYS | {"more": "\ud800"}),
    listed(99),
    listed(100),
    listed(model=""),
    listed(sha256="none"),
    listed(deltas={}),
    listed(deltas=[{}]),
    listed(deltas=[DELTA] * (DELTAS_MAX + 1)),
    listed(deltas=[DELTA | {"length": 0}]),
    listed(deltas=[DELTA | {"base_length": -1}]),
    listed(deltas=[DELTA | {"sha256": "x"}]),
    listed(deltas=[DELTA | {"base_sha256": "x"}]),
    *(listed(deltas=[DELTA | {"url": url}]) for url in URLS),
]


@pytest.mark.parametrize("listing", CANNOT_BE)
def test_what_cannot_be_true_is_refused(listing: Listing):
    with pytest.raises(DecodeError):
        plan_of(listing)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from([*SAYS, "deltas", "hardware", "format"]), json))
def test_any_words_give_a_plan_or_a_decode_error(changes):
    try:
        plan = plan_of(Listing(150, SHA, SAYS | changes))[1]
    except DecodeError:
        return
    assert isinstance(plan, Plan)
