"""A message as lines: everything it says, nothing a terminal would obey, long data cut."""

import pytest
from hypothesis import given

from fumo.dm.message import (
    Alert,
    Command,
    Cred,
    Exec,
    Get,
    Header,
    Item,
    Location,
    Message,
    Meta,
    Replace,
    Status,
    Unknown,
)
from fumo.dm.render import render
from tests.dm.strategies import messages

HEADER = Header("1", 2, Location("IMEI:1"), Location("http://dm/", "mgmt"))


def lines_of(command: Command) -> list[str]:
    """The lines of one command."""
    return render(Message(HEADER, (command,)))[1:-1]


def test_the_first_line_says_who_speaks_to_whom():
    assert render(Message(HEADER, final=True)) == [
        "DM/1.2 session 1 message 2 from http://dm/ (mgmt) to IMEI:1",
        "Final",
    ]


def test_an_exec_shows_its_node_and_correlator():
    command = Exec((Item(target=Location("./FUMO/Download")),), 3, correlator="op-1")
    assert lines_of(command) == ["Exec 3", "  Correlator op-1", "  Item to ./FUMO/Download"]


def test_a_status_shows_its_code_by_name_and_what_it_answers():
    status = Status(1, 4, "Replace", 425, 2, ("./A",), ("./B",))
    assert lines_of(status) == [
        "Status 2: 425 permission denied for Replace 4 of message 1",
        "  TargetRef ./A",
        "  SourceRef ./B",
    ]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [("402", "Corrupted firmware update package"), ("249", "no result code of FUMO")],
)
def test_a_firmware_alert_shows_what_its_result_means(code: str, meaning: str):
    meta = Meta(type="org.openmobilealliance.dm.firmwareupdate.update", mark="critical")
    [title, item] = lines_of(Alert(1226, 1, items=(Item(Location("./F"), meta=meta, data=code),)))
    assert title == "Alert 1: 1226 generic"
    assert item.endswith(f'= "{code}" ({meaning})')


def test_codes_and_commands_without_a_name_are_shown_too():
    assert lines_of(Status(1, 1, "Get", 299)) == ["Status: 299 for Get 1 of message 1"]
    assert lines_of(Unknown("Put", 3)) == ["Put 3: not a command of DM"]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("", '""'),
        ("a\x1b[31m\n", '"a\\x1b[31m\\n"'),
        ("é😀", '"é😀"'),
        ("x" * 500, f'"{"x" * 200}" ... (500 characters)'),
        (b"", "0 bytes:"),
        (b"\x00\xff", "2 bytes: 00 ff"),
        (bytes(20), f"20 bytes: {'00 ' * 16}..."),
    ],
)
def test_data_is_cut_and_harmless(data: str | bytes, shown: str):
    assert lines_of(Replace((Item(data=data),), 1)) == ["Replace 1", f"  Item = {shown}"]


def test_a_basic_password_is_not_shown():
    header = Header(
        "1", 1, Location("a"), Location("b"), cred=Cred("eDp5", Meta("b64", "syncml:auth-basic"))
    )
    assert "eDp5" not in "".join(render(Message(header)))


def addresses_of(message: Message) -> set[str]:
    """The node addresses in the items of a message's plain commands."""
    items = [item for command in message.commands for item in getattr(command, "items", ())]
    places = [place for item in items for place in (item.target, item.source) if place]
    return {place.uri for place in places if place.uri.isascii() and place.uri.isalnum()}


@given(messages(raw=True))
def test_any_message_is_shown_with_every_address_and_in_printable_lines(message: Message):
    lines = render(message)
    assert all(line.isprintable() for line in lines)
    words = set(" ".join(lines).split())
    assert addresses_of(message) <= words


def test_the_name_of_a_command_has_no_power_over_a_terminal():
    assert lines_of(Get((), "\x1b[2Jx")) == ['Get "\\x1b[2Jx"']
