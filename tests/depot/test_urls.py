"""Package addresses: only the key's owner makes one, and it names its operation."""

import pytest

from fumo.depot import urls
from fumo.depot.urls import Address

KEY = b"0123456789abcdef"
ADDRESS = Address("op-17", "ab" * 32)


def test_an_address_tells_its_operation_and_package():
    assert urls.read(urls.path(ADDRESS, KEY), KEY) == ADDRESS
    assert urls.read(urls.path(ADDRESS, KEY) + "?attempt=2", KEY) == ADDRESS


def test_any_changed_character_makes_it_nobodys():
    path = urls.path(ADDRESS, KEY)
    for at, letter in enumerate(path):
        other = "0" if letter != "0" else "1"
        assert urls.read(path[:at] + other + path[at + 1 :], KEY) is None


def test_another_key_makes_another_address():
    assert urls.read(urls.path(ADDRESS, b"another key than the first"), KEY) is None


@pytest.mark.parametrize("target", ["", "/", "/packages", "/packages/../x", "/packages/1/2/3"])
def test_what_is_no_address(target):
    assert urls.read(target, KEY) is None


@pytest.mark.parametrize("operation_id", ["", "a/b", "ä", "x" * 65])
def test_an_operation_that_fits_no_address_is_refused(operation_id):
    with pytest.raises(ValueError, match="no address"):
        urls.path(Address(operation_id, "ab" * 32), KEY)
