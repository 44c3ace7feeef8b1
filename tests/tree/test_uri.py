"""Addresses: one normal form, or the Status that says what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.codes import Status
from fumo.tree.uri import Address, Limits, parse

LIMITS = Limits(depth_max=4, length_max=40, segment_max=10)


@pytest.mark.clause("T1-01", "P7-29")
@pytest.mark.parametrize(
    ("text", "uri"),
    [
        (".", "."),
        ("./", "."),
        ("./A/B", "./A/B"),
        ("A/B", "./A/B"),
        ("./A/B/", "./A/B"),
        ("  ./A ", "./A"),
        ("./A%20B", "./A B"),
        ("./%C3%A4", "./ä"),
        ("./A%2520", "./A%20"),  # decoded once
    ],
)
def test_every_way_to_write_an_address_has_one_normal_form(text: str, uri: str):
    assert parse(text, LIMITS) == Address(uri)


@pytest.mark.clause("T1-02")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "/A",
        "./A//B",
        "./../A",
        "./A/..",
        "./A/./B",
        "./%2e%2e/A",
        "./A%2FB",
        "./A%00",
        "./A%",
        "./A%G1",
        "./%FF",
        "./A?",
        "./A?prop=",
        "./A?x=1",
        "?list=Struct",
    ],
)
def test_a14_what_is_no_address_is_a_bad_request(text: str):
    assert parse(text, LIMITS) is Status.BAD_REQUEST


def test_properties_and_lists_are_read_off_the_end():
    assert parse("./A?prop=Name", LIMITS) == Address("./A", prop="Name")
    assert parse("./A?list=StructData", LIMITS) == Address("./A", listing="StructData")


@pytest.mark.clause("T1-03", "P7-25")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A/B/C/D", None),
        ("A/B/C/D/E", Status.URI_TOO_LONG),
        ("./" + "a" * 10, None),
        ("./" + "a" * 11, Status.URI_TOO_LONG),
        ("./ääääää", Status.URI_TOO_LONG),  # bytes count, not letters
        ("/".join(["aaaaaaaaaa"] * 4), Status.URI_TOO_LONG),
    ],
)
def test_a14_addresses_that_are_too_long_are_414(text: str, code: Status | None):
    found = parse(text, LIMITS)
    assert found is code if code else isinstance(found, Address)


@pytest.mark.clause("T1-03")
def test_a_limit_of_zero_is_no_limit():
    assert isinstance(parse("/".join("a" * 100), Limits(0, 0, 0)), Address)


@pytest.mark.clause("T1-02")
@given(st.text(max_size=60) | st.text(alphabet="./%2eE?=ab\0", max_size=40))
def test_a14_no_text_leads_out_of_the_tree(text: str):
    found = parse(text, LIMITS)
    if isinstance(found, Address):
        names = found.uri.split("/")
        assert names[0] == "."
        assert not {"", ".", ".."} & set(names[1:])
        assert "\0" not in found.uri
