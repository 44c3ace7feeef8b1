"""The benchmark judges rightly, and leaves a page that can be read. No time is ever asserted."""

from pathlib import Path

from bench import codec, depot, download, libwbxml, page
from bench.__main__ import main
from bench.codec import Target, judge
from bench.messages import MESSAGES
from bench.rounds import measure, ratios
from fumo.dm import WBXML, XML, decode, encode

FASTER = Target("faster", "theirs", "ours", must=2, aim=3)
DEARER = Target("dearer", "ours", "theirs", must=2, aim=1.5)


def said(target: Target, theirs: list[float], ours: list[float]) -> tuple[str, bool]:
    """The verdict on two series of times."""
    verdict = judge(target, "any", {"theirs": theirs, "ours": ours})
    return verdict.says, verdict.holds


def test_more_is_better_where_the_aim_is_more():
    assert said(FASTER, [30.0, 33.0], [10.0, 10.0]) == ("aim", True)
    assert said(FASTER, [25.0, 25.0], [10.0, 10.0]) == ("must", True)
    assert said(FASTER, [19.0, 19.0], [10.0, 10.0]) == ("MISSED", False)


def test_less_is_better_where_the_aim_is_less():
    assert said(DEARER, [10.0], [15.0]) == ("aim", True)
    assert said(DEARER, [10.0], [19.0]) == ("must", True)
    assert said(DEARER, [10.0], [21.0]) == ("MISSED", False)


def test_an_aim_that_is_missed_has_a_reason():
    target = Target("slow", "ours", "theirs", must=2, aim=1, short="It is long.")
    missed, met = (judge(target, "any", {"theirs": [2.0], "ours": [x]}) for x in (3.0, 1.0))
    assert codec.reasons([missed, missed, met]) == ["**slow**: the aim is missed. It is long."]
    assert codec.reasons([met]) == []


def test_what_was_not_measured_does_not_hold():
    verdict = judge(FASTER, "any", {"ours": [1.0]})
    assert (verdict.says, verdict.holds) == ("not measured", False)


def test_ratios_are_taken_within_a_round():
    disturbed = ratios([10.0, 100.0, 10.0], [5.0, 50.0, 5.0])
    assert (disturbed.least, disturbed.median, disturbed.most) == (2.0, 2.0, 2.0)


def test_everything_runs_once_a_round():
    took_us = measure({"nothing": lambda: None, "more": lambda: sum(range(50))}, rounds=2)
    assert {name: len(each) for name, each in took_us.items()} == {"nothing": 2, "more": 2}


def test_a_section_takes_the_place_of_its_old_self(tmp_path: Path):
    results = tmp_path / "RESULTS.md"
    for name, text in (("a", "old"), ("b", "beside"), ("a", "new")):
        page.write_section(results, name, text)
    assert results.read_text() == (
        page.TITLE + "\n<!-- a -->\nnew\n<!-- /a -->\n\n<!-- b -->\nbeside\n<!-- /b -->\n"
    )


def test_the_messages_are_messages():
    for message in MESSAGES.values():
        assert decode(encode(message, WBXML), WBXML) == decode(encode(message, XML), XML) == message


def test_all_ways_of_one_message_lead_to_the_same_value():
    message = MESSAGES["package 1"]
    timed = codec.things(message, libwbxml.load())
    assert timed[codec.READ_XML]() == timed[codec.READ_WBXML]() == message
    assert timed.get(codec.LIB_VALUE, lambda: message)() == message


def test_a_whole_run_writes_the_page(tmp_path: Path, capsys):
    results = tmp_path / "RESULTS.md"
    assert main(["codec", "--rounds", "1", "--out", str(results)]) == 0
    text = results.read_text()
    assert all(target.what in text for target in codec.TARGETS)
    assert capsys.readouterr().out.strip() in text


def test_a_download_and_what_stands_beside_it_run_to_their_ends(tmp_path: Path):
    with download.served(tmp_path, download.MIB) as url:
        took_ms = download.measure(download.things(tmp_path, url, download.MIB), rounds=1)
    assert {name: len(each) for name, each in took_ms.items()} == {
        download.WHOLE: 1,
        download.BARE: 1,
        download.HASH: 1,
    }
    assert not list((tmp_path / "download").iterdir())


def test_every_way_to_a_package_is_measured_by_whole_and_by_ranges(tmp_path: Path):
    length = 2 * depot.MIB
    with depot.ways(tmp_path, length) as ways:
        assert set(ways) >= {depot.ALONE, depot.PACED}
        for count in (length, depot.MIB):
            took = depot.measure(ways, count, 2, 2 * length, length)
            assert {name: len(each) for name, each in took.items()} == dict.fromkeys(ways, 2)
