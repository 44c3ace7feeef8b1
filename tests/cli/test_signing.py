"""`fumo keys`, `package sign|publish|verify|inspect` and `depot refresh`, as people give them."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fumo.cli.group import fumo
from fumo.testing.world import package

SECRET = {"FUMO_KEYS_PASSPHRASE": "a long secret"}


def run(*words: object, code: int = 0, env: dict[str, str] | None = None) -> str:
    done = CliRunner().invoke(
        fumo, [str(word) for word in words], env=SECRET if env is None else env
    )
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Two people sign, one key is online, and a package is there."""
    monkeypatch.chdir(tmp_path)
    for name in ("ann", "bob"):
        run("keys", "new", name)
    run("keys", "new", "online", "--no-passphrase")
    run("keys", "begin", "list", "--role", "root=ann,bob:2", "--role", "targets=ann",
        "--role", "snapshot=online", "--role", "timestamp=online")  # fmt: skip
    (tmp_path / "lamp-2.pkg").write_bytes(package(b"image", "2", model="lamp"))
    return tmp_path


def test_a_package_is_signed_published_verified_and_kept_fresh(folder):
    assert "list 1" in run("package", "sign", "list", "lamp-2.pkg")
    run("package", "publish", "list", "--to", "depot")
    proof = ("--root", "list/1.root.json")
    assert "is believed" in run("package", "verify", "depot", "lamp-2.pkg", *proof)
    run("depot", "refresh", "depot", env={})
    roles = json.loads(run("package", "inspect", "depot", "-o", "json"))
    assert [(one["role"], one["version"]) for one in roles] == [
        ("root", 1), ("targets", 1), ("snapshot", 2), ("timestamp", 2),
    ]  # fmt: skip
    (folder / "lamp-2.pkg").write_bytes(b"something else")
    assert "not what was signed" in run("package", "verify", "depot", "lamp-2.pkg", *proof, code=1)


def test_a_package_is_listed_by_its_digest_too_and_removed_by_either_name(folder):
    """Our server says the digest; a file of the same name is another package."""
    first = hashlib.sha256((folder / "lamp-2.pkg").read_bytes()).hexdigest()
    run("package", "sign", "list", "lamp-2.pkg")
    (folder / "lamp-2.pkg").write_bytes(package(b"image, mended", "2", model="lamp"))
    second = hashlib.sha256((folder / "lamp-2.pkg").read_bytes()).hexdigest()
    run("package", "sign", "list", "lamp-2.pkg")
    assert listed(folder) == {"lamp-2.pkg", first, second}
    run("package", "sign", "list", "--remove", "lamp-2.pkg")
    assert listed(folder) == {first}
    run("package", "sign", "list", "--remove", first)
    assert listed(folder) == set()


def listed(folder: Path) -> set[str]:
    """The names of the newest list."""
    newest = max((folder / "list").glob("*.targets.json"), key=lambda p: int(p.name.split(".")[0]))
    return set(json.loads(newest.read_text())["signed"]["targets"])


def test_secret_keys_are_sealed_and_open_to_nobody_else(folder):
    path = folder / "keys" / "ann.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in path.read_bytes()
    wrong = {"FUMO_KEYS_PASSPHRASE": "no"}
    assert "not opened" in run("package", "sign", "list", "lamp-2.pkg", code=1, env=wrong)
    assert "there is a key ann already" in run("keys", "new", "ann", code=1)
    assert "a passphrase is needed" in run("keys", "new", "eve", code=1, env={})


def test_what_has_no_manifest_is_listed_by_words_and_its_own_signature(folder):
    (folder / "fw.swu").write_bytes(b"no bundle")
    words = ("package", "sign", "list", "fw.swu")
    assert "is no package" in run(*words, code=1)
    words += ("--model", "lamp", "--version", "2")
    assert "list 1" in run(*words, "--format", "swupdate")
    (folder / "key.pem").write_text("none")
    told = run(*words, "--format", "swupdate", "--keyring", "key.pem", code=1)
    assert "swupdate" in told
    assert "list 2" in run("package", "sign", "list", "--remove", "fw.swu")


def test_a_key_that_never_leaves_its_device_is_named_by_a_uri(folder):
    sealed = folder / "keys" / "online.pem"
    sealed.rename(folder / "token.pem")
    (folder / "keys" / "online.uri").write_text(f"file2:{folder / 'token.pem'}\n")
    run("package", "sign", "list", "lamp-2.pkg")
    run("package", "publish", "list", "--to", "depot")


def test_roles_get_other_keys(folder):
    run("keys", "new", "next", "--no-passphrase")
    assert "root 2" in run("keys", "rotate", "list", "--role", "timestamp=next")
    run("package", "sign", "list", "lamp-2.pkg")
    assert "2.root.json" in run("package", "publish", "list", "--to", "depot")
    run("package", "verify", "depot", "--root", "list/1.root.json")
    assert "no role" in run("keys", "rotate", "list", "--role", "nobody=next", code=2)
    assert "0 of 1" in run("keys", "rotate", "list", "--role", "targets=next:0", code=1)


def test_no_command_loads_what_signs_before_it_signs():
    code = (
        "import sys, fumo.cli.keys, fumo.cli.package, fumo.cli.depot;"
        "print({m.split('.')[0] for m in sys.modules} & {'tuf', 'securesystemslib'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
