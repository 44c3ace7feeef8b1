"""`fumo package build` and `add`, before any server is asked."""

from hashlib import sha256
from pathlib import Path

from click.testing import CliRunner, Result

from fumo.cli.group import fumo
from fumo.package.manifest import check_image, read_head

IMAGE = b"new firmware" * 1000


def build(folder: Path, image: bytes, *more: str) -> Result:
    """`fumo package build` of this image."""
    (folder / "image").write_bytes(image)
    words = ["package", "build", str(folder / "image"), "--model", "m", "--version", "2", *more]
    return CliRunner().invoke(fumo, words)


def test_what_is_built_is_a_package_that_names_all_it_was_told(tmp_path: Path):
    output = tmp_path / "out.fumo"
    more = ("--from-version", "1", "--security-counter", "7", "-o", str(output))
    result = build(tmp_path, IMAGE, *more)
    assert (result.exit_code, result.stderr) == (0, "")
    manifest, image_at = read_head(output.read_bytes())
    check_image(manifest, [output.read_bytes()[image_at:]])
    told = (manifest.model, manifest.version, manifest.from_version, manifest.security_counter)
    assert told == ("m", "2", "1", 7)


def test_a_package_may_be_bound_to_hardware_a_base_and_an_installer(tmp_path: Path):
    base, output = tmp_path / "base", tmp_path / "out.fumo"
    base.write_bytes(b"old firmware")
    more = ("--hardware", "r1", "--hardware", "r2", "--base", str(base), "--format", "rauc")
    result = build(tmp_path, IMAGE, *more, "-o", str(output))
    assert (result.exit_code, result.stderr) == (0, "")
    manifest, _ = read_head(output.read_bytes())
    assert (manifest.hardware, manifest.format) == (("r1", "r2"), "rauc")
    assert manifest.base_sha256 == sha256(b"old firmware").hexdigest()


def test_an_empty_image_is_refused_and_nothing_is_written(tmp_path: Path):
    result = build(tmp_path, b"", "-o", str(tmp_path / "out.fumo"))
    assert result.exit_code == 1
    assert "is empty" in result.stderr
    assert not (tmp_path / "out.fumo").exists()


def test_an_image_is_not_overwritten_by_its_own_package(tmp_path: Path):
    result = build(tmp_path, IMAGE, "-o", str(tmp_path / "image"))
    assert result.exit_code == 1
    assert (tmp_path / "image").read_bytes() == IMAGE


def test_a_manifest_that_cannot_be_leaves_an_older_package_alone(tmp_path: Path):
    output = tmp_path / "out.fumo"
    output.write_bytes(b"older")
    result = build(tmp_path, IMAGE, "--from-version", "", "-o", str(output))
    assert result.exit_code == 1
    assert "a name is empty" in result.stderr
    assert output.read_bytes() == b"older"


def test_an_empty_file_is_no_package_even_when_raw(tmp_path: Path):
    (tmp_path / "empty").touch()
    words = ["package", "add", str(tmp_path / "empty"), "--raw", "--name", "n", "--version", "2"]
    result = CliRunner().invoke(fumo, [*words, "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "is empty" in result.stderr
