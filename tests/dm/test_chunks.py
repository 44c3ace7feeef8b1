"""Stories of large objects, heard: what is whole, what is refused, and with which words."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.dm.chunks import Broken, Joined, Unfinished, join
from fumo.dm.message import (
    Alert,
    Atomic,
    Command,
    Exec,
    Header,
    Item,
    Location,
    Message,
    Meta,
    Replace,
    Results,
    Status,
)

URI, MAX = "./FwUpdate/x/Update/PkgData", 1000
HEADER = Header("1", 5, Location("d"), Location("s"))
STATUS = Status(4, 0, "SyncHdr", 200, cmd_id=1)


def chunk(
    data: str | bytes, *, size: int | None = None, more: bool = True, uri: str = URI
) -> Replace:
    meta = None if size is None else Meta(size=size)
    return Replace((Item(target=Location(uri), meta=meta, data=data, more_data=more),), cmd_id=2)


def hear(commands: list[Command], before: Unfinished | None = None, final: bool = False) -> Joined:
    return join(before, Message(HEADER, (STATUS, *commands), final), MAX)


def hear_all(*messages: list[Command]) -> list[Joined]:
    """Message by message, only the last being final."""
    heard: list[Joined] = []
    for number, commands in enumerate(messages, 1):
        before = heard[-1].unfinished if heard else None
        heard.append(hear(commands, before, number == len(messages)))
    return heard


def codes(heard: list[Joined]) -> list[int]:
    return [due.code for joined in heard for due in joined.dues]


def whole(heard: list[Joined]) -> list[Command]:
    return [c for joined in heard for c in joined.commands if not isinstance(c, Status)]


@pytest.mark.clause("C-LOB", "C20", "P5-06", "P5-08")
def test_chunks_become_one_command_and_213_each():
    heard = hear_all([chunk("ab", size=5)], [chunk("cd")], [chunk("e", more=False)])
    assert codes(heard) == [213, 213]
    [command] = whole(heard)
    assert isinstance(command, Replace)
    assert [(i.target and i.target.uri, i.data, i.more_data) for i in command.items] == [
        (URI, "abcde", False)
    ]
    assert heard[-1].unfinished is None


@pytest.mark.clause("C-LOB", "C20", "P5-07", "P5-11", "P5-13", "P5-15")
@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([[chunk("ab", size=5)], [chunk("cd", more=False)]], [213, 424]),
        ([[chunk("ab", size=3)], [chunk("cd")], [chunk("e", more=False)]], [213, 424, 424]),
        ([[chunk("abc", size=3)], [chunk("", more=False)]], [424, 424]),
        ([[chunk("ab", size=5)], [chunk("cd", size=5)], [chunk("e", more=False)]], [213, 400, 400]),
        ([[chunk("ab")], [chunk("cd")], [chunk("e", more=False)]], [412, 412, 412]),
        ([[chunk("ab", size=MAX + 1)], [chunk("c", more=False)]], [413, 413]),
    ],
    ids=["too short", "too long", "full too early", "Size twice", "no Size", "too large"],
)
def test_a17_a_value_that_is_not_right_has_no_effect_not_even_its_tail(
    messages: list[list[Command]], expected: list[int]
):
    heard = hear_all(*messages)
    assert codes(heard) == expected
    assert whole(heard) == []
    assert [joined.broken for joined in heard] == [None] * len(messages)
    assert heard[-1].unfinished is None


@pytest.mark.clause("C-LOB", "C20", "P5-05", "P5-09")
@pytest.mark.parametrize(
    "other", [Exec((Item(target=Location(URI)),), cmd_id=7), chunk("x", more=False, uri="./other")]
)
def test_something_else_in_between_is_1225_and_412(other: Command):
    heard = hear_all([chunk("ab", size=5)], [other])
    assert heard[-1].broken == Broken(URI, of_source=False)
    assert codes(heard) == [213, 412]
    assert whole(heard) == []


@pytest.mark.clause("C-LOB", "P5-09")
def test_another_large_object_in_between_is_1225_and_begins():
    heard = hear_all(
        [chunk("ab", size=5)],
        [chunk("x", size=2, uri="./other")],
        [chunk("y", more=False, uri="./other")],
    )
    assert [joined.broken for joined in heard] == [None, Broken(URI, of_source=False), None]
    assert codes(heard) == [213, 213]
    assert len(whole(heard)) == 1


@pytest.mark.clause("C-LOB", "P5-09")
def test_a17_a_package_that_ends_without_the_rest_is_1225():
    item = Item(source=Location("./big"), meta=Meta(size=9), data="x", more_data=True)
    heard = hear_all([Results(1, 1, (item,), cmd_id=2)], [])
    assert heard[-1].broken == Broken("./big", of_source=True)
    assert heard[-1].unfinished is None


@pytest.mark.clause("P5-10")
def test_a_refused_value_may_be_sent_anew_from_its_beginning():
    heard = hear_all([chunk("ab")], [chunk("ab", size=3)], [chunk("c", more=False)])
    assert codes(heard) == [412, 213]
    assert len(whole(heard)) == 1


@pytest.mark.clause("P5-16")
def test_a_refused_value_that_is_given_up_is_forgotten_with_its_package():
    heard = hear_all([chunk("ab")], [])
    assert (heard[-1].unfinished, heard[-1].broken) == (None, None)
    again = hear([chunk("v", more=False)], heard[-1].unfinished)
    assert len(whole([again])) == 1


def test_after_a_refused_value_other_commands_go_on():
    other = chunk("x", more=False, uri="./other")
    heard = hear_all([chunk("ab")], [other])
    assert whole(heard) == [other]


def test_a_value_after_other_items_makes_one_command_of_all():
    first = Item(target=Location("./a"), data="1")
    begun = Item(target=Location("./b"), meta=Meta(size=4), data="22", more_data=True)
    rest = Item(target=Location("./b"), data="22")
    last = Item(target=Location("./c"), data="3")
    heard = hear_all([Replace((first, begun), cmd_id=2)], [Replace((rest, last), cmd_id=3)])
    [command] = whole(heard)
    assert isinstance(command, Replace)
    assert command.cmd_id == 3
    assert [(i.target and i.target.uri, i.data) for i in command.items] == [
        ("./a", "1"),
        ("./b", "2222"),
        ("./c", "3"),
    ]


@pytest.mark.clause("P5-16")
def test_items_before_a_value_count_towards_what_is_held():
    first = Item(target=Location("./a"), data="1" * MAX)
    begun = Item(target=Location("./b"), meta=Meta(size=4), data="22", more_data=True)
    assert codes([hear([Replace((first, begun), cmd_id=2)])]) == [413]


@pytest.mark.parametrize(
    "command",
    [
        Replace((*chunk("a", size=9).items, Item(target=Location("./b"))), cmd_id=2),
        Atomic((chunk("a", size=9),), cmd_id=2),
    ],
    ids=["an Item follows", "in an Atomic"],
)
def test_a_chunk_where_none_may_be_is_400(command: Command):
    heard = hear([command])
    assert codes([heard]) == [400]
    assert whole([heard]) == []


def test_a_chunk_followed_by_another_in_one_command_is_400():
    more = Item(target=Location("./b"), data="x", more_data=True)
    rest = replace(chunk("b"), items=(*chunk("b").items, more))
    assert codes(hear_all([chunk("a", size=9)], [rest])) == [213, 400]


@pytest.mark.clause("C-ALT")
def test_an_alert_between_chunks_is_heard_and_breaks_nothing():
    result = Alert(AlertCode.GENERIC, cmd_id=3, items=(Item(source=Location("./x"), data="200"),))
    heard = hear_all([chunk("ab", size=3)], [result, chunk("c", more=False)])
    assert [type(c) for c in whole(heard)] == [Alert, Replace]


def test_a_chunk_that_names_nothing_goes_on_with_what_is_open():
    nameless = Replace((Item(data="c"),), cmd_id=2)
    assert len(whole(hear_all([chunk("ab", size=3)], [nameless]))) == 1


def test_size_may_stand_at_the_command():
    item = Item(target=Location(URI), data="ab", more_data=True)
    heard = hear_all([Replace((item,), 2, Meta(size=3))], [chunk("c", more=False)])
    assert len(whole(heard)) == 1


@pytest.mark.parametrize(
    ("format_", "expected"), [("bin", b"ab"), (None, "ab")], ids=["bytes", "text"]
)
def test_opaque_pieces_are_text_unless_said_to_be_bytes(format_: str | None, expected: str | bytes):
    first = Item(Location(URI), meta=Meta(format_, size=2), data=b"a", more_data=True)
    heard = hear_all([Replace((first,), 2)], [chunk(b"b", more=False)])
    [command] = whole(heard)
    assert isinstance(command, Replace)
    assert command.items[0].data == expected


def test_a_character_may_be_cut_in_two():
    data = "ä".encode()
    heard = hear_all([chunk(data[:1], size=2)], [chunk(data[1:], more=False)])
    assert [c.items[0].data for c in whole(heard) if isinstance(c, Replace)] == ["ä"]
    heard = hear_all([chunk(b"\xff", size=2)], [chunk(b"\xff", more=False)])
    assert [c.items[0].data for c in whole(heard) if isinstance(c, Replace)] == [b"\xff\xff"]


@given(
    st.binary(max_size=60) | st.text(max_size=60), st.lists(st.integers(0, 60)), st.integers(-1, 1)
)
def test_any_split_is_the_same_value_or_one_refusal(
    value: str | bytes, cuts: list[int], off_by: int
):
    places = [0, *sorted(min(cut, len(value)) for cut in cuts), len(value)]
    pieces = [value[a:b] for a, b in itertools.pairwise(places)]
    size = len(value.encode() if isinstance(value, str) else value) + off_by
    last = len(pieces) - 1
    messages: list[list[Command]] = [
        [chunk(p, size=None if n else size, more=n < last)] for n, p in enumerate(pieces)
    ]
    heard = hear_all(*messages)
    if last == 0:
        assert len(whole(heard)) == 1
        return
    values = [c.items[0].data for c in whole(heard) if isinstance(c, Replace)]
    full_early = last and sum(len(p) for p in pieces[:-1]) == len(value)
    if off_by or full_early:
        assert values == []
        assert heard[-1].dues[-1].code == 424
    else:
        [joined] = values
        assert joined == value or (isinstance(joined, str) and joined.encode() == value)
