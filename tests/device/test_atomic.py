"""Atomic and Sequence on the device: what each command in them gets, and what is kept of it."""

import errno

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fumo.codes import AlertCode
from fumo.dm.message import (
    Add,
    Alert,
    Atomic,
    Command,
    Copy,
    Delete,
    Exec,
    Get,
    Item,
    Location,
    Replace,
    Sequence,
    Unknown,
)
from fumo.dm.session import Asked, Ref
from fumo.dm.ui import Said
from fumo.testing.disk import Fault as DiskFault
from fumo.testing.server import OBJECT
from fumo.testing.world import URL
from fumo.tree.written import NODES_MAX
from tests.device.asked import Device, item

NAME, VERSION = f"{OBJECT}/PkgName", f"{OBJECT}/PkgVersion"
EXT, DATA = f"{OBJECT}/Ext", f"{OBJECT}/Update/PkgData"
DOWNLOAD = f"{OBJECT}/Download"
CONFIRM = Alert(AlertCode.CONFIRM, items=(Item(), Item(data="Sure?")))


def put(uri: str, data: str | bytes = "x") -> Replace:
    return Replace((item(uri, data),))


def add(uri: str, data: str = "x") -> Add:
    return Add((item(uri, data),))


def get(uri: str) -> Get:
    return Get((item(uri),))


WRONG = put(f"{OBJECT}/State", "90")
ORDER = Exec((item(DOWNLOAD),))


@pytest.mark.clause("C-CMD-02", "P7-18", "P3-04", "P1-10")
def test_an_atomic_that_goes_well_is_200_with_all_in_it():
    device = Device()
    copied = Copy((Item(Location(f"{EXT}/B"), Location(f"{EXT}/A")),))
    gone = Delete((item(f"{EXT}/A"),))
    whole = Atomic((put(NAME), add(f"{EXT}/A", "v"), copied, gone))
    assert device.codes(whole) == [200, 200, 200, 200, 200]
    assert (device.tree[NAME].value, device.tree[f"{EXT}/B"].value) == ("x", "v")
    assert f"{EXT}/A" not in device.tree
    assert device.again().tree == device.tree
    assert device.codes(Atomic(())) == [200]


@pytest.mark.clause("C-CMD-02", "P7-19", "P7-16", "P7-21", "P7-24", "P7-14")
@pytest.mark.parametrize(
    ("inside", "codes"),
    [
        ((put(NAME), WRONG, put(VERSION)), [507, 216, 405, 215]),
        ((put(NAME), add(f"{EXT}/A"), put("./None")), [507, 216, 216, 404]),
        ((get(NAME), put(NAME)), [507, 500, 215]),
        ((put(NAME), get(NAME)), [507, 216, 500]),
        ((put(NAME), ORDER), [507, 216, 500]),
        ((put(NAME), Atomic((put(VERSION),)), put(VERSION)), [507, 216, 500, 215, 215]),
        ((Sequence((put(NAME), put(NAME))),), [507, 500, 215, 215]),
        ((WRONG, Atomic((Sequence((put(NAME),)),))), [507, 405, 215, 215, 215]),
        ((put(NAME), Unknown("Surprise")), [507, 216, 500]),
        ((put(NAME), put("./DevInfo/Man")), [507, 216, 425]),
        ((put(NAME), put(DATA, b"package")), [507, 216, 500]),
        ((put(NAME), CONFIRM), [507, 216, 406]),
    ],
)
def test_an_atomic_that_fails_leaves_nothing(inside: tuple[Command, ...], codes: list[int]):
    device = Device()
    before = device.tree
    assert device.codes(Atomic(inside)) == codes
    assert device.tree == before
    assert device.again().tree == before
    assert device.target.last_op_id == 0
    assert device.target.held is None


@pytest.mark.clause("P7-19", "P3-03")
def test_each_item_of_a_command_that_failed_has_its_own_status():
    device = Device()
    several = Add((item(f"{EXT}/A", "1"), item(f"{EXT}/A", "2"), item(f"{EXT}/B", "3")))
    answers = device.answers(Atomic((several,)))
    assert [(int(a.code), a.target_refs) for a in answers] == [
        (507, ()),
        (216, (f"{EXT}/A",)),
        (418, (f"{EXT}/A",)),
        (215, (f"{EXT}/B",)),
    ]
    assert f"{EXT}/A" not in device.tree


@pytest.mark.clause("P7-24")
def test_a_command_without_a_number_fails_its_atomic():
    device = Device()
    whole = Atomic((put(NAME),))
    answers = device.answering.answer("1", Asked(Ref(1, 5, "Atomic"), whole))
    assert [int(a.code) for a in answers] == [507, 400]


@pytest.mark.clause("P7-26")
def test_an_atomic_for_which_there_is_no_room_is_420_and_leaves_nothing():
    device = Device()
    many = tuple(add(f"{EXT}/N{n}") for n in range(NODES_MAX + 1))
    assert device.codes(Atomic(many)) == [507, *[216] * NODES_MAX, 420]
    assert device.codes(Atomic(many[:-1])) == [200] * (NODES_MAX + 1)


@pytest.mark.clause("C-CMD-02", "P7-23", "P7-16", "P1-10")
def test_a_sequence_is_begun_and_goes_on_whatever_its_commands_say():
    device = Device()
    url = put(f"{DOWNLOAD}/PkgURL", URL)
    assert device.codes(Sequence((WRONG, url, ORDER, get(NAME)))) == [200, 405, 200, 202, 200]
    assert device.target.last_op_id == 1


def test_an_atomic_in_a_sequence_fails_alone():
    device = Device()
    inner = Atomic((put(NAME), WRONG))
    assert device.codes(Sequence((inner, put(VERSION, "2")))) == [200, 507, 216, 405, 200]
    assert (device.tree[NAME].value, device.tree[VERSION].value) == ("", "2")


@pytest.mark.clause("P6-08", "P6-05")
@pytest.mark.parametrize(
    ("reply", "sequence", "atomic", "top"),
    [
        (Said.YES, [200, 200, 200, 200, 200], [200, 200, 200, 200, 200], [200, 200]),
        (Said.NO, [200, 200, 304, 215, 200], [507, 216, 304, 215, 200], [304, 200]),
        (Said.CANCELLED, [200, 200, 214, 215, 215], [507, 216, 214, 215, 215], [214, 215]),
        (Said.TIMED_OUT, [200, 200, 408, 215, 200], [507, 216, 408, 215, 200], [408, 200]),
        (Said.NOBODY, [200, 200, 406, 215, 200], [507, 216, 406, 215, 200], [406, 200]),
    ],
)
def test_what_follows_an_answer_of_the_user(reply, sequence, atomic, top):
    inside = (put(NAME), CONFIRM, put(VERSION))
    after = put(f"{DOWNLOAD}/PkgURL")
    assert Device(reply).codes(Sequence(inside), after) == sequence
    assert Device(reply).codes(Atomic(inside), after) == atomic
    assert Device(reply).codes(CONFIRM, after) == top


@pytest.mark.clause("P6-08")
def test_a_cancel_ends_the_work_of_its_message_only():
    device = Device(Said.CANCELLED)
    nested = Sequence((Sequence((CONFIRM, put(NAME))), Atomic((put(NAME),))))
    assert device.codes(nested, put(NAME)) == [200, 200, 214, 215, 215, 215, 215]
    assert device.codes(put(NAME)) == [200]


def test_a_package_outside_an_atomic_still_fails_as_the_disk_does():
    device = Device()
    device.world.files.fault = DiskFault(1, errno.EIO, for_ever=True)
    assert device.codes(put(DATA, b"package")) == [500]


EXTS = st.sampled_from([f"{EXT}/{name}" for name in ("A", "B", "A/C", "A/C/D")])
CHANGES: st.SearchStrategy[Command] = st.one_of(
    st.builds(put, EXTS | st.just(NAME), st.sampled_from(["x", "y"])),
    st.builds(put, EXTS.map("{}?prop=Name".format), st.sampled_from(["A", "E"])),
    st.builds(put, EXTS.map("{}?prop=ACL".format), st.sampled_from(["", "Add=*&Get=*"])),
    st.builds(add, EXTS, st.sampled_from(["x", "y"])),
    st.builds(lambda uri: Add((item(uri, None, "node"),)), EXTS),
    st.builds(lambda uri: Delete((item(uri),)), EXTS),
)


@pytest.mark.clause("C-CMD-02", "P7-18", "P7-19", "P7-28")
@settings(max_examples=120, deadline=None)
@given(st.lists(CHANGES, max_size=2), st.lists(CHANGES, min_size=1, max_size=5))
def test_an_atomic_is_its_commands_one_by_one_or_nothing(first, inside):
    """The oracle is another device, which does the same commands without an Atomic."""
    device, oracle = Device(), Device()
    device.codes(*first)
    oracle.codes(*first)
    before = device.tree
    one_by_one = [oracle.codes(command)[0] for command in inside]
    done = next((n for n, code in enumerate(one_by_one) if code != 200), None)
    codes = device.codes(Atomic(tuple(inside)))
    if done is None:
        assert codes == [200, *one_by_one]
        assert device.tree == oracle.tree
    else:
        rest = [215] * (len(inside) - done - 1)
        assert codes == [507, *[216] * done, one_by_one[done], *rest]
        assert device.tree == before
    assert device.again().tree == device.tree
