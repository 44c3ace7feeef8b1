"""A server's settings: what beats what, what is wrong with a file, and what is never shown."""

import json
import re
import tomllib
from pathlib import Path
from typing import Annotated

import click
import pytest
from click.testing import CliRunner, Result
from msgspec import Meta, Struct

from fumo.cli.group import fumo
from fumo.cli.serve import main as serve
from fumo.cli.serve_file import options_of, section, settled
from fumo.cli.serve_sections import SECTIONS, Sections, kinds, read_sections
from fumo.device.reading import leaves

SOUNDS = re.compile(r"password|secret|token|passphrase|_key$")


class Smpp(Struct, frozen=True):
    """How an SMS centre is reached."""

    host: str = ""
    port: int = 2775
    password: Annotated[str, Meta(extra={"secret": True})] = ""


class Senders(Struct, frozen=True):
    """A table with tables."""

    smpp: Smpp = Smpp()


def run(*words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(fumo, words, env=env or {})


def shown(*words: str, env: dict[str, str] | None = None) -> dict[str, tuple[object, str]]:
    done = run("config", "show", "-o", "json", *words, env=env)
    assert done.exit_code == 0, done.output
    return {path: (one["value"], one["origin"]) for path, one in json.loads(done.stdout).items()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "server.toml"
    path.touch(mode=0o600)
    return path


def test_an_option_beats_a_variable_that_beats_the_file(file: Path):
    file.write_text('[serve]\nlisten = "127.0.0.1:1"\ngrace = 5\nkeep_events = 7\n')
    env = {"FUMO_SERVE_GRACE": "6", "FUMO_SERVE_KEEP_EVENTS": "8"}
    told = shown("--config", str(file), "--keep-events", "9", env=env)
    assert told["serve.listen"] == ("127.0.0.1:1", str(file))
    assert told["serve.grace"] == (6.0, "FUMO_SERVE_GRACE")
    assert told["serve.keep_events"] == (9, "--keep-events")
    assert told["serve.server_id"] == ("fumo", "default")


def test_the_file_itself_may_be_named_by_the_environment(file: Path):
    file.write_text('[serve]\nmetrics = true\nwebhook_net = ["10.0.0.0/8", "fd00::/8"]\n')
    told = shown(env={"FUMO_SERVE_CONFIG": str(file)})
    assert told["serve.metrics"] == (True, str(file))
    assert told["serve.webhook_net"] == (["10.0.0.0/8", "fd00::/8"], str(file))


def test_all_that_is_wrong_is_told_at_once_with_where_it_stands(file: Path):
    file.write_text(
        '[serve]\nlisen = "x"\nlisten = 8080\nkeep_events = -1\nmetrics = 1\n'
        'webhook_net = "10.0.0.0/8"\ngrace = [1]\n[serv]\na = 1\n'
    )
    done = run("serve", "--config", str(file), env={"FUMO_SERVE_LGO": "json"})
    assert done.exit_code == 2
    assert done.stdout == ""
    said = done.stderr.removeprefix("fumo: ").splitlines()
    words = {line.removeprefix(f"{file}: ").partition(": ")[0]: line for line in said}
    assert len(words) == len(said) == 8
    assert "did you mean listen?" in words["serve.lisen"]
    assert "HOST:PORT" in words["serve.listen"]
    assert "did you mean serve?" in words["serv"]
    assert "did you mean FUMO_SERVE_LOG?" in words["FUMO_SERVE_LGO"]
    assert words.keys() >= {f"serve.{n}" for n in ("keep_events", "metrics", "webhook_net")}
    assert words["serve.grace"].endswith("must be one value, not a list")


@pytest.mark.parametrize("text", ["[serve", "serve = 3", "\udcff"])
def test_what_is_no_file_of_settings_is_one_sentence(file: Path, text: str):
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    done = run("serve", "--config", str(file))
    assert done.exit_code == 2
    assert str(file) in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    done = run("serve", "--config", str(tmp_path / "none"))
    assert done.exit_code == 2
    assert done.stderr == f"fumo: {tmp_path}/none: No such file or directory\n"


def test_every_option_of_serve_is_a_setting_and_a_begun_file_has_them_all(file: Path):
    begun = run("config", "init").stdout
    lines = [
        line[1:] if line[:1] == "#" and line[1:2] != " " else line for line in begun.split("\n")
    ]
    table = tomllib.loads("\n".join(lines))
    assert list(table["serve"]) == list(options_of(serve))
    assert {option.envvar for option in options_of(serve).values()} == {
        f"FUMO_SERVE_{key.upper()}" for key in table["serve"]
    }
    assert [name for name in table if name != "serve"] == list(SECTIONS)


def test_a_begun_file_changes_nothing_is_its_owners_alone_and_spares_one_that_is_there(
    tmp_path: Path,
):
    path = tmp_path / "new.toml"
    assert run("config", "init", str(path)).exit_code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert {where for _, where in shown("--config", str(path)).values()} == {"default"}
    assert run("config", "init", str(path)).exit_code == 1


def test_a22_no_password_of_the_database_is_shown(file: Path):
    file.write_text('[serve]\ndatabase = "postgresql://fumo:secret-1@db/fumo"\n')
    file.chmod(0o644)
    done = run("config", "show", "--origin", "--config", str(file))
    assert "secret-1" not in done.output
    assert "postgresql://fumo:***@db/fumo" in done.stdout
    assert f"chmod 600 {file}" in done.stderr
    file.write_text('[serve]\ndatabase = "postgresql://fumo@db/fumo?a=b&password=secret-1&c=d"\n')
    done = run("config", "show", "--config", str(file))
    assert "secret-1" not in done.output
    assert "fumo@db/fumo?a=b&password=***&c=d" in done.stdout


# --- the tables of others -------------------------------------------------------------------------


def read(table: dict[str, object], **env: str) -> Sections:
    return read_sections(table, "f.toml", env, {"senders": Senders})


def smpp(sections: Sections) -> Smpp:
    found = sections.values["senders"]
    assert isinstance(found, Senders)
    return found.smpp


def test_a_table_is_read_by_its_owners_struct_and_the_environment_beats_it():
    table: dict[str, object] = {"senders": {"smpp": {"host": "a", "port": 1}}}
    told = read(table, FUMO_SENDERS_SMPP_PORT="2", FUMO_SENDER="x", FUMO_TOKEN="t")
    assert told.flaws == ()
    assert smpp(told) == Smpp("a", 2)
    assert told.origins["senders.smpp.port"] == "FUMO_SENDERS_SMPP_PORT"
    assert told.origins["senders.smpp.host"] == "f.toml"


def test_a22_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path):
    secret = tmp_path / "password"
    secret.write_text("secret-1\n")
    for told in (
        read({"senders": {"smpp": {"password_file": str(secret)}}}),
        read({}, FUMO_SENDERS_SMPP_PASSWORD_FILE=str(secret)),
    ):
        assert told.flaws == ()
        assert smpp(told).password == "secret-1"
        assert told.origins["senders.smpp.password"] == str(secret)


def test_a22_what_is_wrong_in_a_table_is_told_with_its_path_and_without_secrets(tmp_path: Path):
    table: dict[str, object] = {
        "senders": {"smpp": {"hst": "a", "port": "x", "password": 17, "password_file": "gone"}}
    }
    told = read(table, FUMO_SENDERS_SMPP_PROT="2")
    said = "\n".join(map(str, told.flaws))
    assert "f.toml: senders.smpp.hst: no setting has this name; did you mean host?" in said
    assert "senders.smpp.port: must be a whole number" in said
    assert "is said twice" in said
    assert "did you mean FUMO_SENDERS_SMPP_PORT?" in said
    assert "17" not in said
    missing = read({"senders": {"smpp": {"password_file": str(tmp_path / "gone")}}}).flaws
    assert [flaw.text for flaw in missing] == ["No such file or directory"]
    assert smpp(told) == Smpp()


def test_a_command_is_given_the_settings_of_an_owner(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(SECTIONS, "senders", f"{__name__}:Senders")
    file.write_text('[senders.smpp]\nhost = "a"\npassword = "secret-1"\n')
    found = []

    @click.command()
    def command() -> None:
        found.append(section(Senders).smpp)

    done = CliRunner().invoke(settled(command), ["--config", str(file)])
    assert done.exit_code == 0, done.output
    assert found == [Smpp("a", password="secret-1")]
    told = shown("--config", str(file))
    assert told["senders.smpp.password"] == ("***", str(file))
    assert told["senders.smpp.port"] == (2775, "default")


def test_a22_what_sounds_like_a_secret_is_one():
    for name, kind in kinds().items():
        for path, _, secret in leaves(kind(), name):
            assert secret or not SOUNDS.search(path), path
