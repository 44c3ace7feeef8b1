"""The package format: what is built is read again, and nothing else is."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.errors import DecodeError, MisuseError
from fumo.package.manifest import (
    HEAD_LENGTH_MAX,
    MAGIC,
    MANIFEST_LENGTH_MAX,
    PREFIX_LENGTH,
    Manifest,
    NotAPackage,
    build,
    check_image,
    decode,
    encode,
    read_head,
)

IMAGE = b"firmware" * 100
MANIFEST = Manifest("lamp", "2", len(IMAGE), hashlib.sha256(IMAGE).hexdigest(), "1", 7)


def package(text: bytes) -> bytes:
    return MAGIC + len(text).to_bytes(4, "big") + text


def test_what_is_built_is_read():
    whole = b"".join(build(MANIFEST, [IMAGE[:10], IMAGE[10:]]))
    manifest, offset = read_head(whole)
    assert manifest == MANIFEST
    assert whole[offset:] == IMAGE
    assert decode(whole[PREFIX_LENGTH:offset]) == MANIFEST


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=256)


@given(
    st.builds(
        Manifest,
        model=names,
        version=names,
        length=st.integers(0, 2**40),
        sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
        from_version=st.none() | names,
        security_counter=st.integers(0, 2**31),
        hardware=st.lists(names, max_size=3).map(tuple),
        base_sha256=st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
        format=names,
    )
)
def test_every_manifest_survives_the_trip(manifest):
    head = b"".join(build(manifest, []))
    assert read_head(head) == (manifest, len(head))


@given(st.binary(max_size=200) | st.binary(max_size=200).map(package))
def test_any_bytes_give_a_manifest_or_a_decode_error(front):
    try:
        manifest, offset = read_head(front)
    except DecodeError:
        return
    assert offset <= len(front)
    assert encode(manifest)


@pytest.mark.parametrize("length", range(len(package(encode(MANIFEST)))))
def test_a_head_that_was_cut_anywhere_is_refused(length):
    with pytest.raises(DecodeError):
        read_head(package(encode(MANIFEST))[:length])


@pytest.mark.parametrize("front", [b"", b"PK\x03\x04", b"FUMO2\n" + bytes(10), b"<html>"])
def test_what_is_no_package_at_all_is_told_from_a_broken_one(front):
    with pytest.raises(NotAPackage):
        read_head(front)


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        b"\xff",
        b'{"model":"lamp","version":"2","length":"800","sha256":"00"}',
        encode(MANIFEST).replace(b'"length":800', b'"length":-1'),
        encode(MANIFEST).replace(b'"sha256":"', b'"sha256":"A'),
        encode(MANIFEST).replace(MANIFEST.sha256.encode(), MANIFEST.sha256.upper().encode()),
        encode(MANIFEST).replace(b'"lamp"', b'""'),
        encode(MANIFEST).replace(b'"security_counter":7', b'"security_counter":-7'),
        encode(MANIFEST)[:-1] + b',"base_sha256":""}',
        encode(MANIFEST)[:-1] + b',"base_sha256":"AA"}',
        encode(MANIFEST)[:-1] + b',"format":""}',
        encode(MANIFEST)[:-1] + b',"hardware":"r1"}',
        encode(MANIFEST)[:-1] + b',"hardware":[""]}',
        encode(MANIFEST)[:-1] + b',"hardware":[' + b",".join([b'"r"'] * 65) + b"]}",
    ],
)
def test_a_manifest_that_cannot_be_true_is_refused(text):
    with pytest.raises(DecodeError):
        read_head(package(text))


@pytest.mark.parametrize("length", [0, MANIFEST_LENGTH_MAX + 1, 2**32 - 1])
def test_the_length_of_a_manifest_is_bounded(length):
    with pytest.raises(DecodeError, match="not allowed"):
        read_head(MAGIC + length.to_bytes(4, "big") + bytes(HEAD_LENGTH_MAX))


def test_fields_of_a_later_version_are_passed_over():
    text = encode(MANIFEST)[:-1] + b',"region":"north"}'
    assert read_head(package(text))[0] == MANIFEST


def test_our_own_wrong_manifest_is_our_bug():
    with pytest.raises(MisuseError):
        b"".join(build(Manifest("lamp", "2", 0, "no digest"), []))


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (IMAGE[:-1], "of 799 bytes, where its manifest says 800"),
        (IMAGE + b"x", "of 801 bytes"),
        (b"", "of 0 bytes"),
        (IMAGE[:-1] + b"x", "SHA-256 differs"),
    ],
)
def test_an_image_that_is_not_the_manifests_is_found_out(image: bytes, says: str):
    check_image(MANIFEST, [IMAGE[:300], IMAGE[300:]])
    with pytest.raises(DecodeError, match=says):
        check_image(MANIFEST, [image[:300], image[300:]])
