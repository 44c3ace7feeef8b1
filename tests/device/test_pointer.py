"""What a PkgURL says of its package: a name, a digest, or nothing that can be used."""

import pytest

from fumo.device.pointer import Pointer, read_pointer

SHA = "9f" * 32


@pytest.mark.parametrize(
    ("url", "pointer"),
    [
        ("http://h/p/lamp-2.pkg", Pointer("lamp-2.pkg")),
        ("http://h/p/lamp%202.pkg?key=7", Pointer("lamp 2.pkg")),
        ("http://h/packages/7/#target=lamp-2.pkg", Pointer("lamp-2.pkg")),
        ("http://h/packages/7/abc#target=lamp%202.pkg", Pointer("lamp 2.pkg")),
        (f"http://h/fw.bin#sha256={SHA}", Pointer(SHA, SHA)),
        (f"http://h/fw.bin#sha256={SHA}&target=lamp-2.pkg", Pointer("lamp-2.pkg", SHA)),
        (f"http://h/x#target=a&sha256={SHA}", Pointer("a", SHA)),
        ("http://h/%2565", Pointer("%65")),  # decoded once
        ("http://h/fw.bin#page2", Pointer("fw.bin")),
        ("http://h/", Pointer()),
        ("http://h", Pointer()),
        ("", Pointer()),
    ],
)
def test_what_is_found(url: str, pointer: Pointer):
    assert read_pointer(url) == pointer


NO_NAMES = [
    "http://h/..",
    "http://h/%2e%2e",
    "http://h/.",
    "http://h/a%2f..%2fb",
    "http://h/..%5c..%5cb",
    "http://h/a%00b",
    "http://h/a%0ab",
    "http://h/%ff",
    "http://h/" + "x" * 257,
    "http://h/x#target=..%2fy",
    "http://h/x#target=",
]


@pytest.mark.parametrize("url", NO_NAMES)
def test_what_could_be_no_name_is_none(url: str):
    assert read_pointer(url).name is None


@pytest.mark.parametrize(
    "url",
    [
        "http://[h/x",
        "http://h/x#target=a&target=b",
        "http://h/x#sha256=9F",
        f"http://h/x#sha256={SHA.upper()}",
        "http://h/x#target=%ff",
        "http://h/x#" + "&".join(f"k{n}=v" for n in range(9)),
    ],
)
def test_words_that_are_odd_are_malformed(url: str):
    assert read_pointer(url) == Pointer(malformed=True)


@pytest.mark.parametrize("url", ["http://h/a%2Fb", "http://h/%ff", "http://h/.."])
def test_a_digest_needs_no_name(url: str):
    assert read_pointer(url) == Pointer()
    assert read_pointer(f"{url}#target=a&sha256={SHA}") == Pointer("a", SHA)
