"""What webhooks are told, and how often, on both databases; receivers are real and misbehave."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from ipaddress import ip_network

import pytest
from msgspec.structs import replace

from fumo.server.edges.events import feed, hooks
from fumo.server.edges.events.deliveries import PASSED_MAX, deliver
from fumo.server.edges.events.guard import Net
from fumo.server.edges.events.post import post
from fumo.server.webhook import (
    EVENTS_MAX,
    LEASE_S,
    TRIES_MAX,
    Answer,
    Hook,
    HookState,
    headers,
    resumed,
)
from tests.server.events.receiver import Receiver, receiver
from tests.server.world import World

HERE = [ip_network("127.0.0.0/8")]


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


class Story:
    """One webhook of a world, its clock, and a receiver that is a function."""

    def __init__(self, world: World, *kinds: str) -> None:
        self.world, self.db = world, world.store.db
        self.answers: list[Answer] = []
        self.told: list[bytes] = []
        new = Hook(0, "https://h/x", "s", kinds, HookState.ACTIVE, 0, world.at_s)
        self.id = hooks.add(self.db, new).id

    def happens(self, *kinds: str) -> None:
        for kind in kinds:
            self.db.run("INSERT INTO event (at_s, kind, text) VALUES (0, ?1, '')", kind)
        feed.give_numbers(self.db)

    @property
    def hook(self) -> Hook:
        found = hooks.find(self.db, self.id)
        assert found is not None
        return found

    def say(self, _: Hook, body: bytes) -> Answer:
        self.told.append(body)
        return self.answers.pop(0) if self.answers else Answer(200)

    def goes(self) -> Hook | None:
        """One try, if it is time for one."""
        free = [hook.id for hook in hooks.waiting(self.db, self.world.at_s)]
        if self.id not in free:
            return None
        return deliver(self.db, self.hook, self.say, lambda: self.world.at_s)


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def test_events_come_in_their_order_and_once(story: Story):
    story.happens(*["a"] * (EVENTS_MAX + 5))
    assert story.goes()
    assert story.goes()
    assert story.goes() is None
    assert story.hook.number == EVENTS_MAX + 5
    first, second = story.told
    assert first.count(b'"number"') == EVENTS_MAX
    assert second.count(b'"number"') == 5
    assert f'"number":{EVENTS_MAX + 1},'.encode() in second


def test_a_webhook_is_told_its_kinds_only_and_the_others_are_passed(world: World):
    story = Story(world, "operation")
    story.happens("alert.final", "operation.failed", "campaign.paused")
    story.goes()
    [body] = story.told
    assert body.count(b'"number"') == 1
    assert story.hook.number == 3
    story.happens(*["alert.final"] * PASSED_MAX)
    story.goes()
    assert (len(story.told), story.hook.number) == (1, 3 + PASSED_MAX)


def test_what_was_not_taken_comes_again_later(story: Story, world: World):
    story.happens("a", "b")
    story.answers = [Answer(500), Answer(trouble="it did not answer in time")]
    assert story.goes() is None
    assert story.goes() is None
    assert (story.hook.tries, story.hook.reason) == (1, "it answered 500")
    world.at_s += 5
    assert story.goes() is None
    world.at_s += 5
    assert story.goes() is None
    world.at_s += 5
    assert story.goes()
    first, second, third = story.told
    for body in (second, third):
        assert body.partition(b"events")[2] == first.partition(b"events")[2]
    assert (story.hook.number, story.hook.tries, story.hook.reason) == (2, 0, "")


def test_a_dead_one_is_told_in_the_feed_and_goes_on_when_it_is_resumed(story: Story, world: World):
    story.happens("a")
    for _ in range(TRIES_MAX):
        story.answers = [Answer(503)]
        story.goes()
        world.at_s += 3600
    assert (story.hook.state, story.hook.reason) == (HookState.DEAD, "it answered 503")
    feed.give_numbers(story.db)
    events = feed.after(story.db, 1, 10, story.hook.wanted).items
    assert [(event.kind, event.text) for event in events] == [("webhook.dead", "it answered 503")]
    assert story.goes() is None
    hooks.change(story.db, resumed(story.hook, world.at_s))
    assert story.goes()
    assert b'"number":1,' in story.told[-1]


def test_two_processes_never_tell_the_same_at_once(story: Story, world: World):
    story.happens("a")
    seen = story.hook
    ours = hooks.take(story.db, seen, world.at_s)
    assert ours is not None
    assert hooks.take(story.db, seen, world.at_s) is None
    assert hooks.waiting(story.db, world.at_s + LEASE_S - 1) == []
    assert deliver(story.db, seen, story.say, lambda: world.at_s) is None
    assert story.told == []


def test_what_a_dead_process_had_for_itself_is_free_after_its_lease(story: Story, world: World):
    story.happens("a")
    lost = hooks.take(story.db, story.hook, world.at_s)
    assert lost is not None
    world.at_s += LEASE_S
    assert story.goes()
    assert not hooks.give_back(story.db, lost, replace(lost, number=0, reason="late"))
    assert (story.hook.number, story.hook.reason) == (1, "")


def test_a_pause_that_comes_while_something_is_told_stays(story: Story, world: World):
    story.happens("a")

    def say(hook: Hook, _: bytes) -> Answer:
        hooks.change(story.db, replace(story.hook, state=HookState.PAUSED))
        return Answer(200)

    assert deliver(story.db, story.hook, say, lambda: world.at_s) is None
    assert (story.hook.state, story.hook.number) == (HookState.PAUSED, 0)


def said(
    there: Receiver, url: str | None = None, all_s: float = 5.0, nets: Sequence[Net] = HERE
) -> Answer:
    hook = Hook(1, url or there.url(), "s3cret", (), HookState.ACTIVE, 0, 0.0)
    return post(hook.url, headers(hook, int(time.time()), b"{}"), b"{}", nets, all_s)


def test_a_real_receiver_can_prove_who_spoke(there: Receiver):
    assert said(there) == Answer(200)
    assert said(there, there.url("localhost")).good
    assert there.proven("s3cret")
    assert not there.proven("another")
    assert there.came[0][0]["Content-Type"] == "application/json"


def test_a_receiver_that_fails_hangs_or_leads_elsewhere(there: Receiver):
    there.statuses = [500, None, 302, 200]
    there.headers = {"Location": there.url() + "&elsewhere"}
    assert said(there) == Answer(500)
    assert said(there, all_s=0.3).trouble == "it did not answer within 0.3 seconds"
    assert said(there) == Answer(302)
    assert len(there.came) == 3


def test_a_receiver_that_is_not_there():
    with receiver() as gone:
        url = gone.url()
    assert "cannot be reached" in said(gone, url).trouble
    assert "name is not known" in said(gone, "https://nowhere.invalid/x").trouble


def test_a16_a_name_that_leads_inside_is_never_spoken_to(there: Receiver):
    assert "no address outside" in said(there, nets=[]).trouble
    assert "no address outside" in said(there, there.url("localhost"), nets=[]).trouble
    assert there.came == []


@contextmanager
def dripping(words: bytes) -> Iterator[int]:
    """Who listens at this port says a byte every now and then, whatever it is told."""
    stopped = threading.Event()

    def drip(line: socket.socket) -> None:
        with line, suppress(OSError):
            for byte in words * 1000:
                line.sendall(bytes([byte]))
                if stopped.wait(0.05):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                drip(listener.accept()[0])

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listener.getsockname()[1])
        stopped.set()
        thread.join()


@pytest.mark.parametrize(
    ("scheme", "words"), [("http", b"HTTP/1.1 200 OK\r\nX-A: b"), ("https", b"\x16\x03\x03\x40")]
)
def test_a_receiver_that_drips_holds_nobody(there: Receiver, scheme: str, words: bytes):
    began_s = time.monotonic()
    with dripping(words) as port:
        told = said(there, f"{scheme}://127.0.0.1:{port}/", all_s=0.5)
        assert told.trouble == "it did not answer within 0.5 seconds"
        assert time.monotonic() - began_s < 3
