"""A device takes its account out of a bootstrap, or keeps the one it has: never by itself."""

import contextlib
import os
import pty
import stat
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.cli.device import light_main
from fumo.device.bootstrapping import Declined, Taken, take
from fumo.device.edges.account_rows import DOCUMENTS_MAX
from fumo.device.edges.journal import SqliteJournal
from fumo.device.edges.machine import alone
from fumo.dm.account import Provisioned
from fumo.dm.auth import Login
from fumo.dm.bootstrap import Bootstrap, Profile, Refused, Sec, Secrets, offer, read_push
from fumo.dm.wsp import UDH_SENT, build
from fumo.testing.journal import MemoryJournal
from fumo.testing.server import NAME, USER, get
from tests.device.test_process import Served, served

__all__ = ["served"]

ACCOUNT = Provisioned(
    "mgmt", "https://dm.example/dm", Login("user", "s1"), Login("mgmt", "s2"), server_nonce=b"n"
)
PIN, WRONG = Secrets(pin="1234"), Secrets(pin="0000")


def sent(profile: Profile = Profile.CP, sec: Sec = Sec.USER, account=ACCOUNT) -> Bootstrap:
    return read_push(offer(profile, account, sec, Secrets(pin="1234", imsi="001010123456789")))


def yes(_new: Provisioned, _old: Provisioned | None) -> bool:
    return True


def never(_new: Provisioned, _old: Provisioned | None) -> bool:
    raise AssertionError("nobody is asked about what is not proven")


@pytest.mark.clause("C-BST")
@pytest.mark.parametrize("profile", Profile)
def test_a_proven_account_that_is_wanted_is_kept_with_its_nonces(profile: Profile):
    journal = MemoryJournal()
    assert take(journal, sent(profile), PIN, yes) == Taken(ACCOUNT)
    assert (journal.account(), journal.nonces()) == (ACCOUNT, (None, b"n"))


@pytest.mark.clause("C-BST")
def test_an_owner_who_says_no_keeps_the_old_account():
    journal, asked = MemoryJournal(), []
    take(journal, sent(), PIN, yes)
    other = sent(account=replace(ACCOUNT, server_id="other"))

    def no(new: Provisioned, old: Provisioned | None) -> bool:
        asked.append((new.server_id, old and old.server_id))
        return False

    assert take(journal, other, PIN, no) == Declined()
    assert asked == [("other", "mgmt")]
    assert journal.account() == ACCOUNT


@pytest.mark.clause("C-BST", "B1-05", "B2-09")
@pytest.mark.parametrize(
    "attack",
    [
        replace(sent(), sec=""),
        replace(sent(), mac=""),
        replace(sent(), mac="A" * 40),
        replace(sent(), body=sent().body + b"x"),
        replace(sent(), sec="USERPINMAC"),
        sent(sec=Sec.NETWORK),
    ],
)
def test_a10_nothing_unproven_changes_an_account_or_asks_anybody(attack: Bootstrap):
    journal = MemoryJournal()
    take(journal, sent(), PIN, yes)
    journal.save_nonces(b"own", b"peer")
    assert isinstance(take(journal, attack, PIN, never), Refused)
    assert (journal.account(), journal.nonces()) == (ACCOUNT, (b"own", b"peer"))


@pytest.mark.clause("C-BST", "B2-06")
def test_a10_three_tries_for_a_document_also_over_restarts(tmp_path: Path):
    path = tmp_path / "journal.db"
    for left in (2, 1, 0, 0):
        with SqliteJournal(path) as journal:
            told = take(journal, sent(), WRONG, never)
            assert isinstance(told, Refused)
            assert told.tries_left == left
    with SqliteJournal(path) as journal:
        assert take(journal, sent(), PIN, never) == Refused("blocked: 3 wrong PINs", 0)
        assert journal.account() is None
        assert isinstance(take(journal, sent(Profile.DM), PIN, yes), Taken)


@pytest.mark.clause("C-BST")
def test_a_right_pin_spends_no_try_and_a_missing_one_neither():
    journal, document = MemoryJournal(), sent().known_by
    take(journal, sent(), WRONG, never)
    take(journal, sent(), Secrets(), never)
    assert journal.pin_tries(document) == 1
    take(journal, sent(), PIN, lambda new, old: False)
    assert journal.pin_tries(document) == 0


class PowerGone(Exception):
    """It went while the PIN was looked at."""


class Cut(MemoryJournal):
    """The power goes right after a try was counted."""

    def save_pin_tries(self, document: bytes, used: int) -> None:
        super().save_pin_tries(document, used)
        raise PowerGone


@pytest.mark.clause("C-BST")
def test_cutting_the_power_wins_no_try():
    journal = Cut()
    for _ in range(3):
        with pytest.raises(PowerGone):
            take(journal, sent(), WRONG, never)
    assert take(journal, sent(), PIN, never) == Refused("blocked: 3 wrong PINs", 0)


class Writing(MemoryJournal):
    """Notes when a try was saved."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self._seen = seen

    def save_pin_tries(self, document: bytes, used: int) -> None:
        self._seen.append(f"saved {used}")
        super().save_pin_tries(document, used)


class Watched(str):
    """A PIN that tells when it is looked at to make a key."""

    seen: list[str]

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        self.seen.append("looked at")
        return super().encode(encoding, errors)


@pytest.mark.clause("C-BST")
def test_a_try_is_saved_before_the_pin_is_judged():
    seen: list[str] = []
    pin = Watched("0000")
    pin.seen = seen
    take(Writing(seen), sent(), Secrets(pin=pin), never)
    assert seen.index("saved 1") < len(seen) - 1 - seen[::-1].index("looked at")
    assert seen[-1] == "looked at"


def test_the_journal_keeps_an_account_its_nonces_and_its_secrets_for_its_owner(tmp_path: Path):
    path = tmp_path / "journal.db"
    with SqliteJournal(path) as journal:
        assert journal.account() is None
        journal.save_account(replace(ACCOUNT, server_id="before"))
        journal.save_account(replace(ACCOUNT, own_nonce=b"o"))
        files = [path, path.with_name("journal.db-wal")]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    with SqliteJournal(path) as journal:
        assert journal.account() == replace(ACCOUNT, server_nonce=None)
        assert journal.nonces() == (b"o", b"n")


def test_tries_are_remembered_for_so_many_documents(tmp_path: Path):
    with SqliteJournal(tmp_path / "journal.db") as journal:
        for number in range(DOCUMENTS_MAX + 1):
            journal.save_pin_tries(number.to_bytes(32, "big"), 1)
        told = [journal.pin_tries(number.to_bytes(32, "big")) for number in (0, 1, DOCUMENTS_MAX)]
    assert told == [0, 1, 1]


# --- the command ------------------------------------------------------------------------------


def file_with(folder: Path, url: str, sec: Sec = Sec.USER, profile: Profile = Profile.CP) -> Path:
    account = Provisioned(NAME.name, url, USER, NAME)
    push = offer(profile, account, sec, Secrets(pin="1234", imsi="001010123456789"))
    path = folder / "bootstrap.bin"
    path.write_bytes(UDH_SENT + build(push))
    return path


def bootstraps(folder: Path, file: Path, *more: str) -> int:
    return light_main(["bootstrap", str(file), "--state", str(folder / "state"), *more])


def runs(folder: Path, *more: str) -> int:
    where = ["--state", str(folder / "state"), "--slots", str(folder / "slots")]
    return light_main(["run", "--id", "IMEI:1", "--once", *where, *more])


@pytest.mark.clause("C-BST", "B1-02")
@pytest.mark.parametrize("profile", Profile)
def test_from_a_file_to_a_session(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str], profile: Profile
):
    file = file_with(tmp_path, f"{served.url}/dm", Sec.BOTH, profile)
    secrets = ["--pin", "1234", "--imsi", "001010123456789"]
    assert bootstraps(tmp_path, file, *secrets) == 1
    assert "nobody agreed" in capsys.readouterr().out
    assert bootstraps(tmp_path, file, *secrets, "--yes") == 0
    told = capsys.readouterr().out
    assert f"address  {served.url}/dm" in told
    assert USER.secret not in told
    assert NAME.secret not in told
    assert served.dm.received == []
    served.dm.asks_state()
    assert runs(tmp_path) == 0
    assert served.dm.states == [10]
    assert bootstraps(tmp_path, file, *secrets) == 1
    assert f"in place of {NAME.name}" in capsys.readouterr().out


@pytest.mark.clause("C-BST")
def test_the_command_blocks_after_three_wrong_pins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = file_with(tmp_path, "https://dm.example/")
    assert [bootstraps(tmp_path, file, "--pin", "1", "--yes") for _ in range(3)] == [1, 1, 1]
    assert bootstraps(tmp_path, file, "--pin", "1234", "--yes") == 1
    assert "blocked" in capsys.readouterr().out
    assert runs(tmp_path) == 2
    assert "no account" in capsys.readouterr().err


def test_a_bare_body_needs_its_content_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    account = Provisioned("mgmt", "https://dm.example/", USER, NAME)
    push = offer(Profile.DM, account, Sec.NETWORK, Secrets(network=b"shared"))
    file = tmp_path / "body"
    file.write_bytes(push.body)
    assert bootstraps(tmp_path, file, "--yes") == 2
    line = f"{Profile.DM}; SEC=NETWORKID; MAC={push.parameters['MAC']}"
    more = ["--content-type", line, "--network-secret", "shared", "--yes"]
    assert bootstraps(tmp_path, file, *more) == 0
    assert "server   mgmt" in capsys.readouterr().out


def test_the_folder_may_be_that_of_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file, settings = file_with(tmp_path, "https://dm.example/"), tmp_path / "device.toml"
    settings.write_text(f'[device]\nstate = "{tmp_path / "state"}"\n')
    line = ["bootstrap", str(file), "--pin", "1234", "--yes", "--config"]
    assert light_main([*line, ""]) == 2
    assert "device.state: is missing: the folder of the journal" in capsys.readouterr().err
    assert light_main([*line, str(settings)]) == 0
    with SqliteJournal(tmp_path / "state" / "journal.db") as journal:
        assert journal.account() is not None


@pytest.mark.parametrize(
    ("more", "why"),
    [(["--imsi", "12"], "no IMSI"), (["--content-type", "text/plain"], "is no bootstrap")],
)
def test_what_cannot_be_tried_is_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], why: str
):
    file = file_with(tmp_path, "https://dm.example/")
    assert bootstraps(tmp_path, file, *more) == 2
    assert why in capsys.readouterr().err
    assert bootstraps(tmp_path, tmp_path / "nowhere") == 2


@pytest.mark.clause("C-BST", "B2-09")
def test_while_an_agent_works_its_account_does_not_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = file_with(tmp_path, "https://dm.example/")
    with alone(tmp_path / "state"):
        assert bootstraps(tmp_path, file, "--pin", "1234", "--yes") == 2
    assert "another agent works" in capsys.readouterr().err
    assert bootstraps(tmp_path, file, "--pin", "1234", "--yes") == 0


@pytest.mark.clause("B2-07")
def test_the_server_of_a_bootstrap_may_read_and_change_its_account(served: Served, tmp_path: Path):
    file = file_with(tmp_path, f"{served.url}/dm")
    assert bootstraps(tmp_path, file, "--pin", "1234", "--yes") == 0
    served.dm.says.append([get("./DMAcc/Server?prop=ACL", "./DMAcc/Server/ServerID")])
    assert runs(tmp_path) == 0
    told = [str(item.data) for answer in served.dm.answers for item in answer.results]
    rights = {part.split("=")[0] for part in told[0].split("&") if NAME.name in part}
    assert rights >= {"Get", "Replace", "Delete"}
    assert told[1] == NAME.name


def test_an_account_is_named_whole_or_not_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert runs(tmp_path, "--server", "https://dm.example/") == 2
    assert "an account needs" in capsys.readouterr().err


def on_a_terminal(line: list[str], keys: bytes) -> tuple[int, str]:
    """A process that has a terminal, with somebody at the keys."""
    script = "import sys; from fumo.cli.device import light_main; sys.exit(light_main())"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", script, *line])
    told = b""
    for key in keys.splitlines(keepends=True):
        while not told.endswith((b"PIN: ", b"[y/N] ")):
            told += os.read(terminal, 1)
        os.write(terminal, key)
        told += b"|"
    with contextlib.suppress(OSError):  # that is how a terminal says that nobody writes any more
        while piece := os.read(terminal, 4096):
            told += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), told.decode()


@pytest.mark.clause("C-BST")
@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"\n", 1)])
def test_on_a_terminal_the_owner_is_asked(tmp_path: Path, answer: bytes, code: int):
    file = file_with(tmp_path, "https://dm.example/")
    line = ["bootstrap", str(file), "--state", str(tmp_path / "state")]
    ended, told = on_a_terminal(line, b"1234\n" + answer)
    assert ended == code, told
    assert "1234" not in told
    assert "Take it? [y/N]" in told
