"""Devices chosen by a filter: SQL finds what the filter says, on both databases."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fumo.server.attributes import ALIASES, Marks, rank
from fumo.server.edges import listing
from fumo.server.edges.choosing import ANOTHER_MODEL, HAS_IT, devices_of, page, preview
from fumo.server.edges.filtering import CAMPAIGNS, OPERATIONS, chosen
from fumo.server.edges.marks import marks_of
from fumo.server.filter import All, Any, BadFilter, Comparison, Filter, Not, Op
from fumo.server.office import Missing, Office
from fumo.server.paging import Page, Way
from fumo.server.rows import Device, Package
from fumo.server.targets import Targets
from fumo.server.told import Marked
from tests.server.device import Device as Peer
from tests.server.world import World

NEWEST = Page(10, Way.DOWN, None)

FLEET = {
    "IMEI:1": {"info.Mod": "X", "info.FwV": "1.9", "site": "north"},
    "IMEI:2": {"info.Mod": "X", "info.FwV": "1.10", "site": "south", "tag": "lab field"},
    "IMEI:3": {"info.Mod": "Y", "info.FwV": "2", "tag": "lab"},
    "serial-4": {"site": "100%_"},
}


def fleet(world: World) -> Office:
    office = Office(world.store, world.dice.octets)
    for who, known in FLEET.items():
        info = {k.removeprefix("info."): v for k, v in known.items() if k.startswith("info.")}
        office.add_device(Device(who, who, "a", "b", info=info))
        if "site" in known:
            office.mark(Targets((who,)), Marks(set={"site": known["site"]}))
        if "tag" in known:
            office.mark(Targets((who,)), Marks(add=known["tag"].split()))
    return office


def found(world: World, text: str) -> list[str]:
    return page(world.store.db, devices_of(text), "", 100)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("model == X", "12"),
        ("model == X and fwv < 1.10", "1"),
        ("model == X and fwv >= 1.10 and tag == field", "2"),
        ("tag == lab", "23"),
        ("tag != lab", "14"),
        ("tag in (field, other)", "2"),
        ("site not in (north)", "234"),
        ('site ~ "*"', "124"),
        ("site ~ nor* or site ~ *uth or site ~ *%*", "124"),
        ("id ~ IMEI:*", "123"),
        ("id == serial-4", "4"),
        ("not (model == X or tag == lab)", "4"),
        ("info.Mod == Y", "3"),
        ("seen == never", "1234"),
        ("seen > 2026-01-01", ""),
        ("seen != 2026-01-01T08:00+02:00", "1234"),
        ("profile in (standard, x) and site == south", "2"),
    ],
)
def test_a_filter_chooses(world: World, text: str, numbers: str):
    fleet(world)
    assert [who[-1] for who in found(world, text)] == list(numbers)


VALUES = st.sampled_from(["X", "Y", "1.9", "1.10", "2", "north", "lab", "field", "IMEI:2", "01"])
FIELDS = st.sampled_from(["model", "fwv", "site", "tag", "id"])
PATTERNS = st.sampled_from(["*", "no*", "*th", "*a*", "lab", "IMEI*", "*%_", "*."])
TESTS = st.one_of(
    st.builds(Comparison, FIELDS, st.sampled_from([Op.IS, Op.IS_NOT]), VALUES.map(lambda v: (v,))),
    st.builds(
        Comparison,
        st.sampled_from(["fwv", "site", "tag"]),
        st.sampled_from([Op.BELOW, Op.UP_TO, Op.ABOVE, Op.FROM]),
        VALUES.map(lambda v: (v,)),
    ),
    st.builds(Comparison, FIELDS, st.just(Op.LIKE), PATTERNS.map(lambda v: (v,))),
    st.builds(
        Comparison, FIELDS, st.just(Op.IN), st.lists(VALUES, min_size=1, max_size=3).map(tuple)
    ),
)
FILTERS = st.recursive(
    TESTS,
    lambda some: st.one_of(
        st.lists(some, min_size=2, max_size=3).map(tuple).map(All),
        st.lists(some, min_size=2, max_size=3).map(tuple).map(Any),
        some.map(Not),
    ),
    max_leaves=6,
)


def said(filter_: Filter) -> str:
    """A filter as text."""
    match filter_:
        case All():
            return "(" + " and ".join(map(said, filter_.of)) + ")"
        case Any():
            return "(" + " or ".join(map(said, filter_.of)) + ")"
        case Not():
            return f"not {said(filter_.of)}"
        case Comparison(op=Op.IN):
            return f"{filter_.field} in ({', '.join(repr(v) for v in filter_.values)})"
        case Comparison():
            return f"{filter_.field} {filter_.op} '{filter_.values[0]}'"


def holds(filter_: Filter, who: str) -> bool:
    """Is it so for this device, by the book?"""
    match filter_:
        case All():
            return all(holds(each, who) for each in filter_.of)
        case Any():
            return any(holds(each, who) for each in filter_.of)
        case Not():
            return not holds(filter_.of, who)
        case Comparison(op=Op.IS_NOT):
            return not holds(replace(filter_, op=Op.IS), who)
        case Comparison():
            return any(compared(filter_, value) for value in values_of(filter_.field, who))


def values_of(field: str, who: str) -> list[str]:
    if field == "id":
        return [who]
    value = FLEET[who].get(ALIASES.get(field, field), "")
    return value.split() if field == "tag" else [value] if value else []


def compared(test: Comparison, value: str) -> bool:
    one, wanted = rank(value), rank(test.values[0])
    answers = {
        Op.IS: one == wanted, Op.BELOW: one < wanted, Op.UP_TO: one <= wanted,
        Op.ABOVE: one > wanted, Op.FROM: one >= wanted, Op.IN: value in test.values,
        Op.LIKE: fnmatchcase(value, test.values[0]),
    }  # fmt: skip
    return answers[test.op]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(filter_=FILTERS)
def test_sql_finds_what_the_filter_says(world: World, filter_: Filter):
    if not world.rows("SELECT id FROM device"):
        fleet(world)
    assert found(world, said(filter_)) == sorted(who for who in FLEET if holds(filter_, who))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Colour == red", "column 1: no field 'Colour': there are id, profile, seen, tag"),
        ("seen > yesterday", "is a time"),
        ("seen ~ 2026*", "not compared by ~"),
        ("id ~ a*b", "a pattern has its"),
    ],
)
def test_a_filter_that_asks_for_nonsense_is_refused(world: World, text: str, says: str):
    with pytest.raises(BadFilter, match=says):
        found(world, text)


def test_pages_go_on_where_they_ended(world: World):
    fleet(world)
    which = devices_of("tag == lab")
    assert page(world.store.db, which, "", 1) == ["IMEI:2"]
    assert page(world.store.db, which, "IMEI:2", 5) == ["IMEI:3"]
    some = listing.devices(world.store.db, Page(5, Way.UP, "IMEI:1"), "model == X")
    assert [device.id for device in some] == ["IMEI:2"]


def test_what_a_device_tells_it_is_chosen_by(world: World, device: Peer):
    device.talk(world.post)
    row = world.store.device(device.id)
    assert row is not None
    assert row.info["Mod"]
    assert found(world, f"model == '{row.info['Mod']}'") == [device.id]
    assert found(world, "site == anywhere") == []


def test_a_mark_may_change_what_its_own_filter_chose_by(world: World):
    office = fleet(world)
    marks = Marks(set={"site": "east", "shelf": "7"}, add=["moved"], remove=["lab"])
    assert office.mark(Targets(filter="site == south"), marks) == 1
    assert found(world, "site == east and shelf == 7 and tag == moved") == ["IMEI:2"]
    assert found(world, "tag == lab") == ["IMEI:3"]
    assert marks_of(world.store.db, ["IMEI:2", "IMEI:3", "serial-4"]) == {
        "IMEI:2": Marked({"shelf": "7", "site": "east"}, ("field", "moved")),
        "IMEI:3": Marked({}, ("lab",)),
        "serial-4": Marked({"site": "100%_"}),
    }
    assert office.mark(Targets(("IMEI:2",)), Marks(set={"site": None})) == 1
    assert found(world, 'site ~ "*"') == ["IMEI:1", "serial-4"]


def test_who_is_not_there_cannot_be_marked(world: World):
    office = fleet(world)
    with pytest.raises(Missing, match="no device 'nobody'"):
        office.mark(Targets(("IMEI:1", "nobody")), Marks(add=["x"]))


def test_a_preview_says_who_is_left_out_and_why(world: World):
    fleet(world)
    package = Package(1, "fw", "1.10", "ab", 1, model="X")
    told = preview(world.store.db, devices_of('id ~ "*"'), package)
    assert (told.number, told.first) == (2, ("IMEI:1", "serial-4"))
    assert {one.why: one.first for one in told.left_out} == {
        ANOTHER_MODEL: ("IMEI:3",),
        HAS_IT: ("IMEI:2",),
    }
    assert preview(world.store.db, devices_of("tag == none"), None).number == 0


def test_operations_and_campaigns_are_chosen_too(world: World, device: Peer):
    other = world.knows(Peer("IMEI:2"))
    campaign = world.orders(device, other)
    device.talk(world.post)

    def operations(q: str) -> list[str]:
        found = listing.operations(world.store.db, NEWEST, q, None, None)
        return [one.device_id for one in found]

    assert operations(f"campaign == {campaign.id} and state == accepted") == [device.id]
    assert operations("state in (planned, held) and sent == never") == [other.id]
    assert operations("result == 200 or kind == update") == []
    assert operations("result != 200 and device ~ *2") == [other.id]
    assert listing.campaign_ids(world.store.db, NEWEST, "state == running") == [campaign.id]
    assert listing.campaign_ids(world.store.db, NEWEST, "name ~ x*") == []
    for source, text in ((OPERATIONS, "state == gone"), (CAMPAIGNS, "id == x"),
                         (OPERATIONS, "model == X"), (OPERATIONS, "state < held")):  # fmt: skip
        with pytest.raises(BadFilter, match="column 1"):
            chosen(source, text)
