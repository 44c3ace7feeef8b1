"""The firmware of the demo: real files, two versions, the same bytes every time."""

import hashlib
import io
import tarfile

from fumo.fleet.images import IMAGE_BYTES_MIN, NEW_VERSION, old_and_new, package_for
from fumo.package.manifest import read_head


def members(data: bytes) -> dict[str, bytes]:
    """The files in an image."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]


def test_two_versions_of_at_least_eight_mebibytes_differ_in_real_files():
    old, new = old_and_new()
    assert min(len(old.data), len(new.data)) >= IMAGE_BYTES_MIN
    before, after = members(old.data), members(new.data)
    differ = [name for name in before if before[name] != after[name]]
    assert before.keys() == after.keys()
    assert "etc/version" in differ
    assert 5 < len(differ) < len(before)


def test_an_image_built_again_is_the_same():
    assert old_and_new() == old_and_new()


def test_the_package_is_bound_to_the_new_image():
    old, new = old_and_new()
    package = package_for(old, new)
    manifest, start = read_head(package)
    assert manifest.version == NEW_VERSION
    assert manifest.from_version == old.version
    assert hashlib.sha256(package[start:]).hexdigest() == manifest.sha256 == new.sha256
