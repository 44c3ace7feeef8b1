"""Settings: each source over the next, and every mistake told where it stands."""

from typing import Any

import pytest

from fumo.device.reading import SettingsError, Told, env_names, leaves, parse_toml, read
from fumo.device.settings import Settings

FILE = "device.toml"


def told(text: str = "", env: dict[str, str] | None = None, **flags: Any) -> Told:
    """What a file, variables and flags (`poll="session.poll_s", 4.0`) come to."""
    laid = {path: (f"--{name}", value) for name, (path, value) in flags.items()}
    return read(parse_toml(text, FILE), FILE, env, laid)


def flaws(text: str = "", env: dict[str, str] | None = None, **flags: Any) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        told(text, env, **flags)
    return str(refused.value).splitlines()


def test_nothing_said_is_all_defaults():
    assert told().settings == Settings()
    assert told().origin("session.poll_s") == "default"


def test_a_flag_comes_before_a_variable_before_the_file_before_the_default():
    text = "[session]\npoll_s = 1\nbackoff_s = 1\npush_gap_s = 1\n"
    env = {"FUMO_DEVICE_SESSION_POLL_S": "2", "FUMO_DEVICE_SESSION_BACKOFF_S": "2"}
    all_three = told(text, env, poll=("session.poll_s", 3.0))
    session = all_three.settings.session
    assert (session.poll_s, session.backoff_s, session.push_gap_s) == (3.0, 2.0, 1.0)
    names = ("poll_s", "backoff_s", "push_gap_s", "resync")
    origins = [all_three.origin(f"session.{name}") for name in names]
    assert origins == ["--poll", "FUMO_DEVICE_SESSION_BACKOFF_S", FILE, "default"]


def test_variables_are_texts_and_become_what_is_wanted():
    env = {"FUMO_DEVICE_SESSION_RESYNC": "true", "FUMO_DEVICE_SESSION_OBJ_SIZE_MAX": "7"}
    session = told(env=env).settings.session
    assert (session.resync, session.obj_size_max) == (True, 7)
    assert "must be true or false" in flaws(env={"FUMO_DEVICE_SESSION_RESYNC": "perhaps"})[0]


def test_a_file_is_not_guessed_at():
    assert flaws('[session]\npoll_s = "60"') == [
        f'{FILE}: session.poll_s: must be a number (more than 0, less than 1e+09), and is "60"'
    ]


def test_the_environment_of_other_programs_is_their_own():
    assert told(env={"FUMO_DEVICES": "x", "HOME": "y"}).settings == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sesion]", "sesion: no setting has this name; did you mean session?"),
        ("[session]\npol_s = 1", "session.pol_s: no setting has this name; did you mean poll_s?"),
        ("[log]\nzzz = 1", "log.zzz: no setting has this name; there are format"),
        ("session = 1", "session: must be a table, [session], and is 1"),
        ("object = 1", "object: must be tables, [[object]], and is 1"),
        ("object = []", "object: must be tables, [[object]], and is []"),
        ('[server]\nscheme = "mac5"', 'must be one of "md5", "basic", "mac", and is "mac5"'),
        ("[server]\nurl = 1979-05-27", 'server.url: must be a text, and is "1979-05-27"'),
        ("[[object]]\n[[object]]\nslot = 1", "object[1].slot: no setting has this name; did"),
        ("[session]\nmsg_size_max = 3", "a whole number (1024 or more, 1048576 at most), and is 3"),
        ("a = [", "no TOML: Invalid value (at end of document)"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, said: str):
    [line] = flaws(text)
    assert line.startswith(f"{FILE}: ")
    assert said in line


def test_every_mistake_is_told_at_once_each_with_its_own_source():
    lines = flaws(
        "[session]\npoll_s = -1\n[server]\nwbxml = 3\n",
        {"FUMO_DEVICE_SESION_RESYNC": "1", "FUMO_DEVICE_LOG_FORMAT": "xml"},
        attempts=("download.attempts", 0),
    )
    heads = sorted(": ".join(line.split(": ")[:2]) for line in lines)
    assert heads == [
        "--attempts: download.attempts",
        "FUMO_DEVICE_LOG_FORMAT: log.format",
        "FUMO_DEVICE_SESION_RESYNC: no setting has this name; did you mean "
        "FUMO_DEVICE_SESSION_RESYNC?",
        f"{FILE}: server.wbxml",
        f"{FILE}: session.poll_s",
    ]


def test_a_long_value_does_not_fill_the_screen():
    [line] = flaws(f'[log]\nformat = "{"x" * 5000}"')
    assert len(line) < 160


@pytest.mark.parametrize("text", ["password = 77007", "user_password = [77007]"])
def test_a22_a_secret_is_shown_by_no_error_and_no_repr(text: str):
    [line] = flaws(f"[server]\n{text}")
    assert "77007" not in line
    secret = told('[server]\npassword = "77007"\nuser_password = "77007"').settings
    assert "77007" not in repr(secret)


def test_secrets_are_known_as_such():
    assert {path for path, _, secret in leaves(Settings()) if secret} == {
        "server.password",
        "server.user_password",
    }


def test_the_one_object_can_be_set_from_outside_the_file():
    env = {"FUMO_DEVICE_OBJECT_NAME": "Radio"}
    one = told(env=env, slots=("object.slots", "here")).settings
    assert [(o.name, o.slots) for o in one.object] == [("Radio", "here")]
    named = told('[[object]]\nname = "A"', slots=("object.slots", "here"))
    assert (named.settings.object[0].name, named.origin("object[0].slots")) == ("A", "--slots")


def test_of_several_objects_none_is_meant_from_outside():
    [line] = flaws("[[object]]\n[[object]]", slots=("object.slots", "here"))
    assert line == "--slots: object.slots: there is more than one [[object]]: say it in the file"


def test_each_variable_sets_one_thing():
    names = env_names()
    assert len(set(names.values())) == len(names) == len(list(leaves(Settings())))
