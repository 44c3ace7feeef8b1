"""`fumo device config show`, and what the program says of settings that make no sense."""

import json
from pathlib import Path

import pytest

from fumo.cli import device_settings
from fumo.cli.device import light_main, parser

FILE = """
[device]
id = "IMEI:1"
state = "state"
[server]
url = "https://dm.example/dm"
user = "u"
user_password = "secret-1"
password = "secret-2"
[[object]]
slots = "slots"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "device.toml"
    path.write_text(FILE)
    path.chmod(0o600)
    return path


@pytest.fixture(autouse=True)
def no_file_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUMO_DEVICE_CONFIG", "")


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, object]]:
    assert light_main(["config", "show", "-o", "json", *words]) == 0
    told: dict[str, dict[str, object]] = json.loads(capsys.readouterr().out)
    return told


def test_each_setting_is_shown_with_where_it_is_from(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FUMO_DEVICE_SESSION_RESYNC", "true")
    told = shown(capsys, "--config", str(file), "--poll", "5", "--set", "log.format=json")
    assert told["device.id"] == {"value": "IMEI:1", "origin": str(file)}
    assert told["session.resync"] == {"value": True, "origin": "FUMO_DEVICE_SESSION_RESYNC"}
    assert told["session.poll_s"] == {"value": 5.0, "origin": "--poll"}
    assert told["log.format"] == {"value": "json", "origin": "--set"}
    assert told["session.push"] == {"value": "", "origin": "default"}
    assert told["object[0].slots"] == {"value": "slots", "origin": str(file)}


def test_a22_secrets_are_not_shown(file: Path, capsys: pytest.CaptureFixture[str]):
    for form in ("text", "json"):
        assert light_main(["config", "show", "--config", str(file), "-o", form]) == 0
        told = capsys.readouterr()
        assert "secret-" not in told.out + told.err
        assert "***" in told.out


def test_a_table_for_people(file: Path, capsys: pytest.CaptureFixture[str]):
    assert light_main(["config", "show", "--config", str(file)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["session.poll_s", "60.0", "default"] in lines
    assert ["device.id", '"IMEI:1"', str(file)] in lines


def device_of(default_file: Path, *words: str) -> str:
    """The DevId that a command line leads to, on a machine with this file in its place."""
    options = parser().parse_args(["run", *words])
    return device_settings.told(options, False, default_file).settings.device.id


def test_the_file_may_be_named_by_the_environment_or_be_in_its_place(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    other = file.with_name("other.toml")
    other.write_text(FILE.replace("IMEI:1", "IMEI:2"))
    monkeypatch.delenv("FUMO_DEVICE_CONFIG")
    assert device_of(file) == "IMEI:1"
    assert device_of(file.with_name("none")) == ""
    monkeypatch.setenv("FUMO_DEVICE_CONFIG", str(other))
    assert device_of(file) == "IMEI:2"
    assert device_of(other, "--config", str(file)) == "IMEI:1"
    assert device_of(file, "--config", "") == ""


def test_one_flag_sets_both_first_pauses(file: Path, capsys: pytest.CaptureFixture[str]):
    told = shown(capsys, "--config", str(file), "--backoff", "7")
    assert told["download.backoff_s"] == told["session.backoff_s"]
    assert told["session.backoff_s"] == {"value": 7.0, "origin": "--backoff"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id = ", "no TOML: "),
        ("\xff", "no UTF-8: "),
        ("#" * 1024 * 1024 + "#", "more than 1048576 bytes"),
        ("[server]\nuser = 3", "server.user: must be a text, and is 3"),
        (FILE.replace("https", "ftp"), "server.url: 'ftp://dm.example/dm' is no http or https"),
        (FILE.replace("dm.example", "u:p4ss@dm.example"), "an address with a name in it is no"),
        (
            FILE.replace('"https://dm.example/dm"', '"http://dm.example/dm"\nscheme = "basic"'),
            "server.scheme: basic shows the password to everybody",
        ),
        (FILE.replace('user = "u"', ""), "server.user: is missing: an account needs"),
        (FILE + "[tls]\nkey = 'k'\n", "tls.certificate: is missing: a certificate needs its key"),
        (FILE + "[session]\npush = 'a/b'\n", "session.push: 'a/b' is no host and port"),
        (FILE + "[[object]]\nslots = 's'\n", "object[0].name: 'Primary' is the name of another"),
        (FILE + "name = 'a/b'\n", "object[0].name: 'a/b' is no name of a node"),
        (FILE.replace('"slots"', '""'), "object[0].slots: is missing: the folder of the two"),
        ("", "device.id: is missing: the name that its server knows this device by"),
        ("", "(say it in the file, FUMO_DEVICE_DEVICE_ID, --id)"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
):
    path = tmp_path / "device.toml"
    path.write_text(text, "latin-1")
    path.chmod(0o600)
    assert light_main(["run", "--config", str(path)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "p4ss" not in told
    assert all(line.startswith("fumo-device: ") for line in told.splitlines())


def test_a_file_that_is_not_there_is_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert light_main(["run", "--config", str(tmp_path / "none.toml")]) == 2
    assert "none.toml" in capsys.readouterr().err
    assert light_main(["run", "--config", str(tmp_path)]) == 2
    assert "Is a directory" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["nothing", "=1", "poll=1"])
def test_a_set_that_is_none(file: Path, capsys: pytest.CaptureFixture[str], word: str):
    assert light_main(["config", "show", "--config", str(file), "--set", word]) == 2
    assert f"--set: {word!r} is no PATH=VALUE" in capsys.readouterr().err


def test_a_set_of_what_nobody_knows(file: Path, capsys: pytest.CaptureFixture[str]):
    assert light_main(["config", "show", "--config", str(file), "--set", "log.formt=json"]) == 2
    assert "--set: log.formt: no setting has this name; did you mean format?" in (
        capsys.readouterr().err
    )


def test_secrets_that_others_may_read_are_warned_of(file: Path, capsys: pytest.CaptureFixture[str]):
    assert light_main(["config", "show", "--config", str(file)]) == 0
    assert capsys.readouterr().err == ""
    file.chmod(0o644)
    assert light_main(["config", "show", "--config", str(file)]) == 0
    assert "holds secrets and others may read it" in capsys.readouterr().err
