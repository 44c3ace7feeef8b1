"""Package addresses: only the key's owner makes one, and it names its operation."""

from urllib.parse import urljoin

import pytest

from fumo.depot import urls
from fumo.depot.urls import Address, Lane, Wanted

KEY = b"0123456789abcdef"
ADDRESS = Address("op-17", "ab" * 32)


def test_an_address_tells_its_operation_and_package():
    assert urls.read(urls.path(ADDRESS, KEY), KEY) == ADDRESS
    assert urls.read(urls.path(ADDRESS, KEY) + "?attempt=2", KEY) == ADDRESS
    assert urls.read(urls.path(ADDRESS, KEY) + "#target=lamp-2", KEY) == ADDRESS


def test_an_address_tells_its_lane_and_nobody_leaves_it():
    address = Address("op-17", "ab" * 32, Lane("c4", 65_536))
    path = urls.path(address, KEY)
    assert urls.read(path, KEY) == address
    for other in (path.replace("c4-65536", "c4-65537"), path.replace("/c4-65536", "")):
        assert urls.read(other, KEY) is None


def test_a_delta_beside_it_is_found_by_the_same_signature():
    beside = urljoin(urls.path(ADDRESS, KEY), f"deltas/{'cd' * 32}")
    found = urls.read(beside, KEY)
    assert found == Address("op-17", "ab" * 32, delta="cd" * 32)
    assert (found.content, ADDRESS.content) == ("cd" * 32, "ab" * 32)
    assert urls.path(found, KEY) == beside


@pytest.mark.parametrize("wants", [Wanted.DESCRIPTOR, Wanted.REPORT])
def test_its_descriptor_and_its_report_stand_beside_it(wants):
    beside = urls.path(Address("op-17", "ab" * 32, Lane("c4", 65_536), wants=wants), KEY)
    plain = urls.path(Address("op-17", "ab" * 32, Lane("c4", 65_536)), KEY)
    assert beside == urljoin(plain, str(wants))
    found = urls.read(beside, KEY)
    assert (found.wants, found.content) == (wants, "ab" * 32)


def test_an_address_of_an_earlier_version_is_still_good():
    assert urls.read(urls.path(ADDRESS, KEY).removesuffix("/package"), KEY) == ADDRESS


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
