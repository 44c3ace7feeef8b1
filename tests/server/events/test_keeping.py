"""What is old is deleted, bit by bit; what counted stays."""

import pytest

from fumo.errors import FumoError
from fumo.server.edges.database import Forbidden
from fumo.server.edges.events import feed, keeping
from fumo.server.edges.events.keeping import ROWS_MAX, Keeping, forget
from fumo.server.events import Wanted
from fumo.server.retention import DAY_S, Retention, Rule, rules
from tests.server.device import Device
from tests.server.world import World

LONG = Retention()


def rule(table: str) -> Rule:
    [one] = [one for one in rules(LONG) if one.table == table]
    return one


def count(world: World, table: str) -> object:
    return world.rows(f"SELECT count(*) FROM {table}")[0][0]


def updated(world: World, device: Device) -> None:
    """An update that went well, and an alert that is repeated."""
    world.orders(device)
    device.talk(world.post)
    alert = device.finishes(200, "90")
    device.talk(world.post)
    for _ in range(3):
        device.outbox.append(alert)
        device.talk(world.post)


def test_messages_go_with_what_said_which_they_speak_of(world: World, device: Device):
    updated(world, device)
    messages = count(world, "message")
    assert forget(world.store.db, rule("message"), world.at_s) == 0
    assert forget(world.store.db, rule("message"), world.at_s + 1) == messages
    assert (count(world, "message"), count(world, "about")) == (1, 0)
    world.at_s += 10
    device.talk(world.post)
    newer = int(str(count(world, "message"))) - 1
    assert newer > 0
    assert forget(world.store.db, rule("message"), world.at_s) == 0
    assert forget(world.store.db, rule("message"), world.at_s + 1) == newer


def test_the_alert_that_counted_and_the_last_one_stay(world: World, device: Device):
    updated(world, device)
    assert world.matches == ["final", "repeated", "repeated", "repeated"]
    assert forget(world.store.db, rule("alert"), world.at_s + 1) == 4
    assert world.matches == ["final", "repeated"]
    assert forget(world.store.db, rule("alert"), world.at_s + 1) == 0
    assert world.results == [(1, 200)]


def test_an_orphan_goes_when_its_time_has_come(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90", correlator="nobody's")
    device.talk(world.post)
    forget(world.store.db, rule("alert"), world.at_s + 1)
    assert world.matches == []


def test_moves_stay_and_notes_go(world: World, device: Device):
    updated(world, device)
    moves = world.rows("SELECT state FROM note WHERE state IS NOT NULL ORDER BY id")
    assert len(moves) < int(str(count(world, "note")))
    forget(world.store.db, rule("note"), world.at_s + 1)
    assert world.rows("SELECT state FROM note ORDER BY id") == moves


def test_the_database_itself_keeps_what_counted(world: World, device: Device):
    updated(world, device)
    with pytest.raises(Forbidden):
        world.runs("DELETE FROM alert WHERE match = 'final'")
    with pytest.raises(Forbidden):
        world.runs("DELETE FROM result")
    with pytest.raises(Forbidden):
        world.runs("UPDATE alert SET data = '410' WHERE match = 'repeated'")


def test_a_part_at_a_time_and_each_row_once(world: World):
    insert = "INSERT INTO audit (at_s, who, place, action, target) VALUES (?1, '', '', '', ?2)"
    for n in range(ROWS_MAX + 10):
        world.store.db.run(insert, float(n), str(n))
    end = float(ROWS_MAX + 5)
    assert forget(world.store.db, rule("audit"), end) == ROWS_MAX
    assert forget(world.store.db, rule("audit"), end) == 5
    assert forget(world.store.db, rule("audit"), end) == 0
    assert count(world, "audit") == 5


def test_the_feed_goes_on_and_says_where_it_begins(world: World):
    for n in range(4):
        sql = "INSERT INTO event (at_s, kind, text) VALUES (?1, 'test', '')"
        world.store.db.run(sql, float(n))
    feed.give_numbers(world.store.db)
    forget(world.store.db, rule("event"), 4.0)
    part = feed.after(world.store.db, 0, 10, Wanted())
    assert (part.items, part.next, part.oldest) == ([], 0, 1)
    world.store.db.run("INSERT INTO event (at_s, kind, text) VALUES (9, 'test', '')")
    feed.give_numbers(world.store.db)
    part = feed.after(world.store.db, 0, 10, Wanted())
    assert ([event.number for event in part.items], part.oldest) == ([5], 5)


def test_it_rests_for_a_minute_unless_there_is_more(world: World):
    insert = "INSERT INTO audit (at_s, who, place, action, target) VALUES (0, '', '', '', '')"
    keeps, now_s = Keeping(LONG), 1000 * DAY_S
    keeps(world.store.db, now_s)
    for _ in range(ROWS_MAX + 1):
        world.store.db.run(insert)
    keeps(world.store.db, now_s + keeping.EVERY_S - 1)
    assert count(world, "audit") == ROWS_MAX + 1
    keeps(world.store.db, now_s + keeping.EVERY_S)
    assert count(world, "audit") == 1
    keeps(world.store.db, now_s + keeping.EVERY_S + 1)
    assert count(world, "audit") == 0


def test_for_ever_is_nothing_to_do_and_less_is_refused():
    assert rules(Retention(0, 0, 0, 0)) == []
    assert len(rules(LONG)) == 6
    with pytest.raises(FumoError, match="or more"):
        Retention(events_days=-1)
