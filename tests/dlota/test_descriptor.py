"""Descriptors: what makers write, what strangers may not, and bytes that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.dlota.descriptor import BYTES_MAX, Descriptor, WrongVersion, media_type_of, read, write
from fumo.errors import DecodeError

NAMESPACE = "http://www.openmobilealliance.org/xmlns/dd"
NEEDED = "<type>application/octet-stream</type><size>1000</size><objectURI>fw.bin</objectURI>"
LEAST = Descriptor(("application/octet-stream",), 1000, "fw.bin")


def media(inside: str = NEEDED, attributes: str = f'xmlns="{NAMESPACE}"') -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<media {attributes}>{inside}</media>'.encode()


@pytest.mark.clause("C04b-02")
def test_the_mandatory_fields_make_a_descriptor():
    assert read(media()) == LEAST


@pytest.mark.parametrize(
    "attributes", ["", 'DDVersion="1.0"', f'xmlns:dd="{NAMESPACE}" whatever="x"', 'DDVersion="1.1"']
)
def test_it_may_be_written_with_any_attributes(attributes):
    assert read(media(attributes=attributes)) == LEAST


def test_a_prefix_changes_nothing():
    body = (
        f'<d:media xmlns:d="{NAMESPACE}"><d:type>application/octet-stream</d:type>'
        "<d:size> 1000 </d:size><d:objectURI>\n fw.bin </d:objectURI></d:media>"
    )
    assert read(body.encode()) == LEAST


@pytest.mark.clause("C04b-02")
def test_every_field_is_read_and_what_nobody_knows_is_passed_over():
    body = media(
        "<DDVersion>1.0</DDVersion><name>Lamp 2</name><type>image/png</type>"
        "<type>Image/JPG; q=1</type><size>1000</size><vendor>Lamps &amp; Co</vendor>"
        "<description>brighter</description><infoURL>http://x/i</infoURL>"
        "<iconURI>http://x/j</iconURI><objectURI>http://x/o?a=1&amp;b=2</objectURI>"
        "<installNotifyURI>/told</installNotifyURI><nextURL>http://x/n</nextURL>"
        f"<installParam>{'k=v;' * 500}</installParam><future><deep>1</deep></future>",
        'unknown="attribute"',
    )
    assert read(body) == Descriptor(
        types=("image/png", "image/jpg"),
        size=1000,
        object_uri="http://x/o?a=1&b=2",
        notify_uri="/told",
        next_url="http://x/n",
        name="Lamp 2",
        vendor="Lamps & Co",
        description="brighter",
        install_param="k=v;" * 500,
    )


@pytest.mark.parametrize(
    ("attributes", "inside"),
    [
        ('DDVersion="2.0"', NEEDED),
        ("", f"<DDVersion>3</DDVersion>{NEEDED}"),
        ("", "<DDVersion>x</DDVersion>"),
    ],
)
def test_another_version_is_refused_before_anything_else(attributes, inside):
    with pytest.raises(WrongVersion):
        read(media(inside, attributes))


BAD = {
    "no type": NEEDED.replace("<type>application/octet-stream</type>", ""),
    "an empty type": NEEDED.replace("application/octet-stream", " "),
    "no size": NEEDED.replace("<size>1000</size>", ""),
    "a size in words": NEEDED.replace("1000", "many"),
    "a negative size": NEEDED.replace("1000", "-1"),
    "a size with a sign": NEEDED.replace("1000", "+1"),
    "a size beyond all": NEEDED.replace("1000", "1" * 16),
    "digits of another script": NEEDED.replace("1000", "\u0661"),
    "no object": NEEDED.replace("<objectURI>fw.bin</objectURI>", ""),
    "an empty object": NEEDED.replace("fw.bin", ""),
    "two objects": f"{NEEDED}<objectURI>other</objectURI>",
    "two sizes": f"{NEEDED}<size>1000</size>",
}


@pytest.mark.parametrize("inside", BAD.values(), ids=BAD)
def test_what_is_no_descriptor(inside):
    with pytest.raises(DecodeError):
        read(media(inside))


HOSTILE = {
    "an entity of its own": b'<!DOCTYPE media [<!ENTITY a "b">]>' + media(attributes="")[39:],
    "another root": media().replace(b"media", b"medium"),
    "no end": media()[:-5],
    "too large": media(f"{NEEDED}<x>{'y' * BYTES_MAX}</x>"),
    "too deep": media(NEEDED + "<x>" * 200 + "</x>" * 200),
    "nothing": b"",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a12_what_a_stranger_may_not_send(body):
    with pytest.raises(DecodeError):
        read(body)


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda t: media(t)))
def test_any_bytes_are_a_descriptor_or_refused(body):
    try:
        found = read(body)
    except DecodeError:
        return
    assert found.types
    assert found.object_uri


@pytest.mark.parametrize(
    ("header", "plain"),
    [(None, None), ("", None), (" ; x", None), ("Text/XML; charset=utf-8", "text/xml")],
)
def test_a_content_type_is_compared_without_its_parameters(header, plain):
    assert media_type_of(header) == plain


TEXT = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)
ADDRESS = TEXT.filter(bool)
KINDS = st.lists(st.sampled_from(["a/b", "application/octet-stream"]), min_size=1, max_size=3)


@given(
    st.builds(
        Descriptor,
        types=KINDS.map(tuple),
        size=st.integers(0, 10**15 - 1),
        object_uri=ADDRESS,
        notify_uri=st.none() | ADDRESS,
        next_url=st.none() | ADDRESS,
        name=TEXT,
        vendor=TEXT,
        description=TEXT,
        install_param=TEXT,
    )
)
def test_what_is_written_is_read_as_the_same(descriptor):
    assert read(write(descriptor)) == descriptor
