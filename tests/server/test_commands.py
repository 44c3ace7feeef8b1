"""Every command that speaks to a server, by both ways in: the socket, and a URL with a token."""

import json
import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from fumo.cli.admin import Admin
from fumo.cli.group import COMMANDS, fumo, load
from fumo.cli.telling import plain
from tests.server.device import Device
from tests.server.process import FREE, Process

SECRETS = ("--user", "u1", "--password", "p1", "--server-password", "s1")
LISTINGS = {
    "devices list", "devices show", "package list", "campaign status", "operations list",
    "operations show", "operations alerts", "users list", "tokens list", "audit", "events list",
    "incidents list", "webhooks list", "quotas list",
}  # fmt: skip
PASSWORD = "correct horse battery"


class Way:
    """How a command reaches the server."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def run(self, *words: str) -> Result:
        return CliRunner(env={"FUMO_SERVER": None}).invoke(fumo, [*words, *self.words])

    def says(self, *words: str) -> str:
        done = self.run(*words)
        assert done.exit_code == 0, (words, done.output)
        return done.stdout

    def tells(self, *words: str) -> object:
        return json.loads(self.says(*words, "-o", "json"))


@pytest.fixture(scope="module")
def server(whose: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("commands") / "d", FREE, FREE, *whose)
    yield process
    process.stop()


def token_of(server: Process, role: str) -> str:
    """A token of a new user of this role."""
    owner = Way(["--data", str(server.data)])
    name = f"{role}-{os.urandom(3).hex()}"
    owner.says("users", "add", name, "--role", role)
    return owner.says("tokens", "add", name).strip()


def by_url(server: Process, token: str) -> Way:
    return Way(["--server", "http://" + server.listen, "--token", token])


@pytest.fixture(params=["socket", "url"])
def way(request: pytest.FixtureRequest, server: Process) -> Way:
    if request.param == "socket":
        return Way(["--data", str(server.data)])
    return by_url(server, token_of(server, "admin"))


@pytest.fixture
def name() -> str:
    """One of its own."""
    return f"n{os.urandom(4).hex()}"


def asking() -> dict[str, click.Command]:
    """The commands that speak to a server, with their words."""
    found: dict[str, click.Command] = {}
    for word, row in COMMANDS.items():
        command = load(word, row)
        inner = command.commands if isinstance(command, click.Group) else {"": command}
        found |= {f"{word} {name}".strip(): each for name, each in inner.items()}
    return {
        words: each for words, each in found.items()
        if any(param.name == "token_file" for param in each.params)
    }  # fmt: skip


def test_every_command_that_asks_a_server_tells_programs_too():
    commands = asking()
    assert set(commands) > LISTINGS
    for words, command in commands.items():
        assert {"data", "server", "output"} <= {param.name for param in command.params}, words


@pytest.mark.parametrize("words", sorted(LISTINGS - {"operations show", "devices show"}))
def test_every_listing_is_a_table_or_json(way: Way, words: str):
    assert isinstance(way.tells(*words.split()), list)
    assert way.says(*words.split())


def test_a_device_a_package_and_a_campaign(way: Way, name: str, tmp_path: Path):
    added = way.tells("devices", "add", name, *SECRETS)
    assert isinstance(added, dict)
    assert added["id"] == name
    assert "p1" not in json.dumps(added)
    file = tmp_path / "fw.bin"
    file.write_bytes(os.urandom(3 << 20))
    words = ("package", "add", str(file), "--name", name, "--version", "1", "--raw")
    assert re.fullmatch(rf"package \d+: {name} 1, 3,145,728 bytes\n", way.says(*words))
    order = ("--package", name, "--device", name, "--operation", "update", "--draft")
    made = way.tells("campaign", "create", *order)
    assert isinstance(made, dict)
    number = str(made["id"])
    assert way.says("campaign", "start", number) == f"campaign {number}: running, group 1 of 1\n"
    for word, state in (("pause", "paused"), ("resume", "running")):
        told = way.tells("campaign", word, number)
        assert isinstance(told, dict)
        assert told["state"] == state
    assert way.run("campaign", "next-group", number).exit_code == 1
    assert "nothing failed" in way.says("campaign", "retry", number)
    assert way.says("campaign", "stop", number) == f"campaign {number}: stopped, group 1 of 1\n"
    assert way.run("campaign", "retry", number).exit_code == 1
    assert "never sent to the device" in way.says("devices", "show", name)
    [row] = way.tells("operations", "list", "--campaign", number)  # type: ignore[misc]
    story = way.tells("operations", "show", str(row["id"]))
    assert isinstance(story, dict)
    assert story["why"]
    assert story["why"] in way.says("operations", "show", str(row["id"]))


def test_a_campaign_is_approved_by_somebody_else(server: Process, name: str, tmp_path: Path):
    owner = Way(["--data", str(server.data)])
    (tmp_path / "fw").write_bytes(b"new firmware")
    owner.says("devices", "add", name, *SECRETS)
    owner.says("package", "add", str(tmp_path / "fw"), "--name", name, "--version", "1", "--raw")
    other = by_url(server, token_of(server, "admin"))
    order = (
        "--package", name, "--device", name, "--operation", "download-then-update", "--approval",
        "--start-at", "2030-01-01T00:00Z", "--window", "daily 01:00-05:00", "--zone", "+02:00",
        "--retries", "2", "--retry-on", "404", "--retry-on", "unknown", "--draft",
    )  # fmt: skip
    made = owner.tells("campaign", "create", *order)
    assert isinstance(made, dict)
    number, terms = str(made["id"]), made["terms"]
    assert (made["state"], made["made_by"], made["kind"]) == ("draft", "owner", order[5])
    assert (terms["starts_at_s"], terms["zone"]) == (1893456000.0, "+02:00")
    assert terms["retries"] == {"count": 2, "wait_s": 3600.0, "on": ["404", "unknown"]}
    owner.says("campaign", "submit", number)
    assert owner.run("campaign", "approve", number).exit_code == 1
    assert other.run("campaign", "deny", number).exit_code == 2
    approved = other.tells("campaign", "approve", number, "--reason", "seen")
    assert isinstance(approved, dict)
    assert approved["state"] == "approved"
    assert re.fullmatch(r"approve by admin-\w+: seen", approved["why"])
    assert owner.run("campaign", "create", *order[:-1], "--start-at", "tomorrow").exit_code == 2


def test_a_package_that_was_sent_is_in_the_depot(
    way: Way, server: Process, name: str, tmp_path: Path
):
    file = tmp_path / "fw.bin"
    file.write_bytes(os.urandom(100_000))
    told = way.tells("package", "add", str(file), "--name", name, "--version", "1", "--raw")
    assert isinstance(told, dict)
    sha256 = told["sha256"]
    kept = server.data / "depot" / "sha256" / sha256[:2] / sha256[2:]
    assert kept.read_bytes() == file.read_bytes()


def test_one_operation_is_cancelled(way: Way, name: str, tmp_path: Path):
    (tmp_path / "fw").write_bytes(b"new firmware")
    way.says("devices", "add", name, *SECRETS)
    way.says("package", "add", str(tmp_path / "fw"), "--name", name, "--version", "1", "--raw")
    made = way.tells(
        "campaign", "create", "--package", name, "--device", name, "--operation", "update"
    )
    [row] = way.tells("operations", "list", "--device", name)  # type: ignore[misc]
    assert row["campaign"] == made["id"]  # type: ignore[index]
    assert way.says("operations", "cancel", str(row["id"])) == f"operation {row['id']}: cancelled\n"


def test_devices_are_imported_from_a_file_again_and_again(way: Way, name: str, tmp_path: Path):
    file = tmp_path / "devices.csv"
    rows = [f"{name}-{number},u,p1,s1,\n" for number in range(700)]
    file.write_text("id,user,password,server_password,profile\n" + "".join(rows[:600]))
    words = ("devices", "import", str(file))
    assert way.says(*words) == "devices added: 600, there already: 0\n"
    with file.open("a") as more:
        more.writelines([*rows[600:], f'"{name},x",u,p1,s1,early-handset\n'])
    assert way.says(*words) == "devices added: 101, there already: 600\n"
    [row] = way.tells("devices", "list", "--filter", f'id == "{name},x"')  # type: ignore[misc]
    assert row["profile"] == "early-handset"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"id,user\n", "names the columns"),
        (b"", "names the columns"),
        (b"id,user,password,server_password,shoe\n", "names the columns"),
        (b"id,user,password,server_password\na,b,c\n", "line 2"),
        (b"id,user,password,server_password\na,b,c,d,e\n", "line 2"),
        (b"id,user,password,server_password\n\xff,b,c,d\n", "no CSV"),
        (b"id,user,password,server_password\na,b,c,c\n", "another password"),
        (b"id,user,password,server_password\n,b,c,d\n", "1 to 256"),
    ],
)
def test_a_file_that_cannot_be_imported_says_why(
    server: Process, tmp_path: Path, content: bytes, says: str
):
    file = tmp_path / "devices.csv"
    file.write_bytes(content)
    done = Way(["--data", str(server.data)]).run("devices", "import", str(file))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert says in done.stderr


def test_devices_are_marked_chosen_and_looked_at_before(way: Way, name: str):
    for number in range(3):
        way.says("devices", "add", f"{name}-{number}", *SECRETS)
    words = (f"{name}-0", f"{name}-1", "--set", f"site={name}", "--tag", "lab")
    assert way.says("devices", "mark", *words) == "devices marked: 2\n"
    chosen = f"site == {name} and tag == lab"
    assert len(way.tells("devices", "list", "--filter", chosen)) == 2  # type: ignore[arg-type]
    assert f"lab, site={name}" in way.says("devices", "list", "--filter", chosen)
    assert way.says("devices", "preview", chosen) == f"2 chosen\n{name}-0\n{name}-1\n"
    untag = ("--filter", f"site == {name}", "--untag", "lab", "--unset", "site")
    assert way.says("devices", "mark", *untag) == "devices marked: 2\n"
    assert way.tells("devices", "list", "--filter", f"site == {name}") == []
    wrong = way.run("devices", "list", "--filter", "site =")
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (1, 1)
    assert "column" in wrong.stderr
    assert way.run("devices", "mark", name, "--set", "site").exit_code == 2


def test_events_are_listed_and_followed(way: Way, server: Process, name: str):
    newest = [0, *(one["number"] for one in way.tells("events", "list"))][-1]  # type: ignore[attr-defined]
    Way(["--data", str(server.data)]).says("devices", "add", name, *SECRETS)
    Device(name).talk(server.post)
    words = ("--after", str(newest), "--kind", "device.seen", "--device", name)
    [line] = way.says("events", "follow", *words, "--count", "1", "-o", "json").splitlines()
    event = json.loads(line)
    assert (event["kind"], event["device"]) == ("device.seen", name)
    assert f"device.seen  {name}" in way.says("events", "follow", *words, "--count", "1")
    assert name in way.says("events", "list", *words)


def test_an_incident_is_shown_until_somebody_has_looked(
    way: Way, server: Process, name: str, tmp_path: Path
):
    (tmp_path / "fw").write_bytes(b"new firmware")
    way.says("devices", "add", name, *SECRETS)
    way.says("package", "add", str(tmp_path / "fw"), "--name", name, "--version", "1", "--raw")
    order = ("--package", name, "--device", name, "--operation", "downloadandupdate")
    way.says("campaign", "create", *order)
    device = Device(name)
    for result, state in ((410, "70"), (200, "90")):
        device.talk(server.post)
        device.finishes(result, state)
    device.talk(server.post)
    [row] = [one for one in way.tells("incidents", "list") if one["device_id"] == name]  # type: ignore[attr-defined]
    number = str(row["id"])
    assert way.says("incidents", "seen", number).startswith(f"incident {number}: seen by ")
    assert name not in way.says("incidents", "list")
    assert name in way.says("incidents", "list", "--all")


def test_tokens_end_may_do_less_and_users_change(way: Way, server: Process, name: str):
    way.says("users", "add", name, "--role", "operator")
    token = way.says("tokens", "add", name, "--role", "viewer", "--lasts", "1h").strip()
    theirs = by_url(server, token)
    assert theirs.says("session", "show") == f"{name}: viewer, from 127.0.0.1\n"
    assert theirs.run("devices", "add", name, *SECRETS).exit_code == 4
    assert way.says("users", "change", name, "--role", "admin") == f"user {name}: admin\n"
    assert theirs.says("session", "end") == "the session has ended\n"
    assert theirs.run("session", "show").exit_code == 4


def test_a_password_is_worth_a_token_for_a_while(way: Way, server: Process, name: str):
    anybody = ["--server", "http://" + server.listen]
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    words = ["users", "add", name, "--role", "viewer", "--ask-password", *way.words]
    assert CliRunner().invoke(fumo, words, input=typed).exit_code == 0
    begin = ["session", "begin", name, *anybody]
    token = CliRunner().invoke(fumo, begin, input=PASSWORD + "\n").stdout.strip()
    theirs = by_url(server, token)
    assert theirs.says("session", "show").startswith(f"{name}: viewer")
    new = PASSWORD + " of mine"
    changed = CliRunner().invoke(
        fumo, ["session", "password", *theirs.words], input=f"{PASSWORD}\n{new}\n{new}\n"
    )
    assert changed.stdout == f"{name} has another password\n"
    old = CliRunner().invoke(fumo, begin, input=PASSWORD + "\n")
    assert (old.exit_code, "password" in old.stderr.splitlines()[-1]) == (4, True)
    assert CliRunner().invoke(fumo, begin, input=new + "\n").exit_code == 0


def test_a_quota_is_set_and_holds(way: Way):
    before = {one["name"]: one["most"] for one in way.tells("quotas", "list")}  # type: ignore[attr-defined]
    assert way.says("quotas", "set", "users", "500") == "users: 500 at most\n"
    assert {one["name"]: one["most"] for one in way.tells("quotas", "list")}["users"] == 500  # type: ignore[attr-defined]
    way.says("quotas", "set", "users", str(before["users"]))
    assert way.run("quotas", "set", "nothing", "1").exit_code == 1


def test_a_webhook_comes_and_goes(way: Way, name: str):
    url = f"https://{name}.invalid/fumo"
    words = ("webhooks", "add", url, "--kind", "operation.failed")
    said = re.fullmatch(r"webhook (\d+): its secret is (\S+)\n", way.says(*words))
    assert said
    number, secret = said.groups()
    assert way.says("webhooks", "pause", number).startswith(f"webhook {number}: paused, ")
    assert way.says("webhooks", "resume", number).startswith(f"webhook {number}: active, ")
    assert secret not in way.says("webhooks", "rotate", number)
    [row] = [one for one in way.tells("webhooks", "list") if one["url"] == url]  # type: ignore[attr-defined]
    assert row["kinds"] == ["operation.failed"]
    assert secret not in json.dumps(row)
    assert way.says("webhooks", "remove", number) == f"webhook {number} removed\n"
    assert url not in way.says("webhooks", "list")


def test_users_and_tokens_come_and_go(way: Way, server: Process, name: str, tmp_path: Path):
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    words = ("users", "add", name, "--role", "viewer", "--password-file", str(file))
    assert way.says(*words) == f"user {name} added: viewer\n"
    token = way.says("tokens", "add", name, "--label", "a lamp").strip()
    assert by_url(server, token).says("devices", "list")
    [row] = [one for one in way.tells("tokens", "list") if one["user"] == name]  # type: ignore[attr-defined]
    assert row["label"] == "a lamp"
    assert way.says("tokens", "revoke", str(row["id"])) == f"token {row['id']} revoked\n"
    assert by_url(server, token).run("devices", "list").exit_code == 4
    assert way.says("users", "remove", name) == f"user {name} removed, with all tokens\n"
    assert name not in way.says("users", "list")
    assert name in way.says("audit")


def test_a_page_is_asked_for_as_often_as_needed_and_no_more(way: Way, name: str):
    for number in range(3):
        way.says("devices", "add", f"{name}-{number}", *SECRETS)
    for listing in ("audit", "operations list", "operations alerts", "package list"):
        newest = [one["id"] for one in way.tells(*listing.split())]  # type: ignore[attr-defined]
        oldest = [one["id"] for one in way.tells(*listing.split(), "--oldest-first")]  # type: ignore[attr-defined]
        assert oldest[: len(newest)] == newest[::-1]
    done = way.run("devices", "list", "--limit", "2", "-o", "json")
    assert len(json.loads(done.stdout)) == 2
    assert "larger --limit" in done.stderr


# --- who is let in, and what is said to others ----------------------------------------------------


def test_a_role_that_is_too_small_and_no_token_end_with_code_4(server: Process, name: str):
    viewer = by_url(server, token_of(server, "viewer"))
    assert viewer.says("devices", "list")
    refused = viewer.run("devices", "add", name, *SECRETS)
    assert (refused.exit_code, refused.stderr.count("\n")) == (4, 1)
    assert "operator" in refused.stderr
    nobody = Way(["--server", "http://" + server.listen]).run("devices", "list")
    assert (nobody.exit_code, nobody.stderr.count("\n")) == (4, 1)
    assert "fumo tokens add" in nobody.stderr


def test_viewers_see_a_story_without_the_address_that_opens_the_depot(
    server: Process, name: str, tmp_path: Path
):
    owner = Way(["--data", str(server.data)])
    (tmp_path / "fw").write_bytes(b"new firmware")
    owner.says("devices", "add", name, *SECRETS)
    words = ("package", "add", str(tmp_path / "fw"), "--name", name, "--version", "1", "--raw")
    owner.says(*words)
    order = ("--package", name, "--device", name, "--operation", "downloadandupdate")
    number = str(owner.tells("campaign", "create", *order)["id"])  # type: ignore[index]
    device = Device(name)
    device.talk(server.post)
    url = str(device.tree["./FwUpdate/x/DownloadAndUpdate/PkgURL"])
    [row] = owner.tells("operations", "list", "--campaign", number)  # type: ignore[misc]
    assert row["url"] == url
    for role, sees in (("viewer", False), ("operator", True)):
        theirs = by_url(server, token_of(server, role))
        told = json.dumps(theirs.tells("operations", "show", str(row["id"])))
        assert (url in told) is sees
        assert (url.split("/")[6] in told) is sees  # the signature opens the depot
        assert "Exec" in told
        assert (url in theirs.says("operations", "list", "-o", "json")) is sees


def test_a_token_may_come_from_a_file_or_the_environment(server: Process, tmp_path: Path):
    token = token_of(server, "viewer")
    file = tmp_path / "token"
    file.write_text(token + "\n")
    url = "http://" + server.listen
    for env in ({"FUMO_TOKEN": token}, {"FUMO_TOKEN_FILE": str(file)}):
        runner = CliRunner(env={"FUMO_SERVER": url, **env})
        assert runner.invoke(fumo, ["devices", "list"]).exit_code == 0
    wrong = CliRunner(env={"FUMO_SERVER": url, "FUMO_TOKEN": "fumo_wrong"})
    assert wrong.invoke(fumo, ["devices", "list"]).exit_code == 4
    by_hand = ["devices", "list", "--token-file", str(file)]
    assert wrong.invoke(fumo, ["devices", "list", "--token", token]).exit_code == 0
    assert CliRunner(env={"FUMO_SERVER": url}).invoke(fumo, by_hand).exit_code == 0
    assert wrong.invoke(fumo, ["devices", "list", "--data", str(server.data)]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--server", "http://127.0.0.1:1"], 3, "no server answers"),
        (["--server", "fumo.example"], 2, "no URL"),
        (["--server", "http://127.0.0.1:1", "--data", "x"], 2, "give one"),
        (["--server", "https://127.0.0.1:1", "--ca", __file__], 1, "holds no roots"),
        (["--token-file", "/nowhere"], 2, "does not exist"),
    ],
)
def test_a_way_that_leads_nowhere_says_so(words: list[str], code: int, says: str):
    done = Way(words).run("devices", "list")
    assert done.exit_code == code
    assert says in done.stderr


def test_a_token_in_the_clear_is_warned_of():
    url = "http://host.invalid:1"
    done = Way(["--server", url, "--token", "t"]).run("devices", "list")
    assert done.exit_code == 3
    assert "not https" in done.stderr


# --- a server that is not there, or no Fumo -------------------------------------------------------


class Odd(BaseHTTPRequestHandler):
    """Loses its first answers, then answers as it was told."""

    keys: list[str | None]
    seen: list[str | None]
    lost: int
    busy: int
    answer: tuple[int, dict[str, str], bytes]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.keys.append(self.headers["Idempotency-Key"])
        if len(self.keys) <= self.lost:
            return  # the line is closed without an answer
        if len(self.keys) <= self.busy:
            self.send_response(429)
            self.send_header("Retry-After", "0")
            self.end_headers()
            return
        self.do_GET()

    def do_GET(self) -> None:
        self.seen.append(self.headers["Last-Event-ID"])
        status, headers, body = self.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def odd() -> Iterator[tuple[type[Odd], str]]:
    kind = type(
        "OneOdd", (Odd,), {"keys": [], "seen": [], "lost": 0, "busy": 0, "answer": (200, {}, b"{}")}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield kind, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_order_whose_answer_was_lost_is_sent_again_under_the_same_key(
    odd: tuple[type[Odd], str],
):
    kind, url = odd
    kind.lost = 2
    assert Admin(url, "t").post("/devices", {}) == {}
    assert len(kind.keys) == 3
    assert len(set(kind.keys)) == 1
    assert kind.keys[0]


def test_who_imports_too_fast_waits_as_long_as_he_is_told(
    odd: tuple[type[Odd], str], tmp_path: Path
):
    kind, url = odd
    kind.busy, kind.answer = 2, (200, {}, b'{"added": 1, "known": 0}')
    (tmp_path / "devices").write_text("id,user,password,server_password\na,b,c,d\n")
    done = Way(["--server", url]).says("devices", "import", str(tmp_path / "devices"))
    assert done == "devices added: 1, there already: 0\n"
    assert len(kind.keys) == 3
    assert len(set(kind.keys)) == 1


def test_who_follows_goes_on_where_the_line_was_cut(odd: tuple[type[Odd], str]):
    kind, url = odd
    event = {"number": 8, "at_s": 0, "kind": "device.seen", "device": "d", "campaign": None}
    said = json.dumps(event | {"operation": None, "text": ""})
    kind.answer = (200, {}, f": welcome\r\nid: 7\r\n\r\nid: 8\r\ndata: {said}\r\n\r\n".encode())
    follow = Way(["--server", url]).says("events", "follow", "--count", "2")
    assert follow.splitlines() == ["8  1970-01-01 00:00:00  device.seen  d"] * 2
    assert kind.seen == [None, "8"]


def test_what_is_shown_once_is_asked_for_once(odd: tuple[type[Odd], str]):
    kind, url = odd
    kind.lost = 1
    with pytest.raises(SystemExit) as ended:
        Admin(url, "t").post_once("/tokens", {})
    assert ended.value.code == 3
    assert kind.keys == [None]


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        ((404, {}, b"<html>"), 1, "is it the address of a Fumo server?"),
        ((302, {"Location": "http://127.0.0.1:1"}, b""), 1, "answered 302"),
        ((429, {"Retry-After": "7"}, b'{"detail": "too much"}'), 3, "too much (try again in 7 s)"),
        ((503, {}, b'{"detail": "ending"}'), 3, "ending"),
        ((200, {}, b"<html>"), 1, "is it the address of a Fumo server?"),
    ],
)
def test_what_an_odd_server_says_is_one_line(
    odd: tuple[type[Odd], str], answer: tuple[int, dict[str, str], bytes], code: int, says: str
):
    kind, url = odd
    kind.answer = answer
    done = Way(["--server", url]).run("devices", "list")
    assert (done.exit_code, done.stderr.count("\n")) == (code, 1)
    assert says in done.stderr


def test_no_word_of_a_device_commands_a_terminal():
    assert plain("a\x1b[2Jb\x07é\n") == "a\\x1b[2Jb\\x07é\n"
