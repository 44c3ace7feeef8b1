"""The model: devices in sessions, operators with orders, time; drawn and shrunk by hypothesis.

What a step may never do is checked after it, against what was there before it. At the end
everything gets the word that it waits for, and the judge of the siege looks at what is left.
"""

from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from fumo.server.edges.store import CAMPAIGNS, OPERATIONS
from fumo.server.office import Order, Terms
from fumo.server.operation import MOVES
from fumo.server.rows import Operation, OperationState, Retries
from tests.races.world import Two
from tests.siege.evidence import gathered
from tests.siege.judge import ENDED, complaints
from tests.siege.witness import Witness

S = OperationState
DEVICES, CAMPAIGNS_MAX, ROUNDS_MAX = 2, 6, 60
WORDS = ("pause", "resume", "next-group", "start", "stop", "submit", "approve", "deny")
OFTEN = (*("pause",) * 3, *("resume",) * 4, *("next-group",) * 2, "start", "stop",
         *("approve",) * 2, "submit", "deny")  # fmt: skip
MEANWHILE = (*OFTEN, *("cancel",) * 3, *("twice",) * 4, *("sweep",) * 2)
LATER = Retries(2, 60.0, ("unknown", "expired", "410"))
TERMS = st.builds(
    Terms,
    starts=st.sampled_from([True, True, False]),
    shares=st.sampled_from([(), (34,), (34, 33)]),
    success_percent=st.sampled_from([0, 100]),
    error_percent=st.sampled_from([0, 50]),
    rate=st.sampled_from([0, 0, 1]),
    approval=st.sampled_from([False, False, True]),
    retries=st.sampled_from([Retries(), Retries(1, 30.0, ("failed", "refused")), LATER]),
)
KINDS = st.sampled_from(["downloadandupdate", "downloadandupdate", "download-then-update"])
DEADLINE_S = 900.0
OVER = ("stopped", "denied")
BUSY = (S.PLANNED, S.SENT, S.ACCEPTED)


def reachable() -> dict[OperationState, frozenset[OperationState]]:
    """Where an operation may be after any number of its moves."""
    reach = {state: {state} for state in MOVES}
    for _ in MOVES:
        for state, there in reach.items():
            there |= {far for near in there for far in MOVES[near]} | {state}
    return {state: frozenset(there) for state, there in reach.items()}


REACH = reachable()


class Races(RuleBasedStateMachine):
    """`where` makes a database that holds nothing."""

    where: Callable[[], Path | str]

    def __init__(self) -> None:
        super().__init__()
        self.two = Two(self.where())
        self.devices = [Witness(f"IMEI:{number}") for number in range(DEVICES)]
        self.bodies: dict[str, bytes] = {}
        self.ordered: dict[str, list[str]] = {}
        self.before: dict[int, Operation] = {}
        self.over: set[int] = set()
        self.names = count(1)
        self.broken = False

    @initialize(kind=KINDS)
    def there_are_devices(self, kind: str) -> None:
        """With work that waits for nothing, so that much can happen soon."""
        for device in self.devices:
            self.two.first.knows(device)
        self.begins([0, 1], Terms(), kind)

    # --- operators --------------------------------------------------------------------------------

    @precondition(lambda self: len(self.ordered) < CAMPAIGNS_MAX)
    @rule(
        who=st.lists(st.integers(0, DEVICES - 1), min_size=1, unique=True), terms=TERMS, kind=KINDS
    )
    def begins(self, who: list[int], terms: Terms, kind: str) -> None:
        name = f"c{next(self.names)}"
        self.ordered[name] = [self.devices[number].id for number in who]
        order = Order("fw", self.ordered[name], kind, name, DEADLINE_S, terms)
        self.two.second.office.begin(order, self.two.second.at_s)
        self.check()

    @rule(number=st.integers(1, CAMPAIGNS_MAX), word=st.sampled_from(OFTEN))
    def steers(self, number: int, word: str) -> None:
        self.two.steer(number, word)
        self.check()

    @rule(number=st.integers(1, 12))
    def cancels(self, number: int) -> None:
        self.two.cancel(number)
        self.check()

    @rule(number=st.integers(1, CAMPAIGNS_MAX), both=st.booleans())
    def retries(self, number: int, both: bool) -> None:
        """Two operators may say it at once."""
        if both:
            self.two.first.meanwhile(lambda: self.two.retry(self.two.second, number))
        self.two.retry(self.two.first, number)
        self.two.first.meanwhile(None)
        self.check()

    # --- devices ----------------------------------------------------------------------------------

    @rule(number=st.integers(0, DEVICES - 1), messages=st.integers(1, 8), works=st.booleans())
    def talks(self, number: int, messages: int, works: bool) -> None:
        """Nothing disturbs it; and perhaps it ends what it was told to do."""
        for _ in range(messages):
            self._says(self.devices[number], None)
        if works:
            self.devices[number].works()

    @rule(
        number=st.integers(0, DEVICES - 1),
        what=st.sampled_from(MEANWHILE),
        about=st.integers(1, 12),
        reply=st.sampled_from(["heard", "heard", "lost once", "lost"]),
    )
    def is_overtaken(self, number: int, what: str, about: int, reply: str) -> None:
        """Between a message's decision and its commit something else happens."""
        self._says(self.devices[number], (what, about), reply)

    @rule(
        number=st.integers(0, DEVICES - 1),
        about=st.integers(1, 12),
        what=st.sampled_from(MEANWHILE),
        after=st.integers(1, 5),
    )
    def has_work_and_is_overtaken(self, number: int, what: str, about: int, after: int) -> None:
        """As many messages, and then that."""
        for _ in range(after):
            self._says(self.devices[number], None)
        self._says(self.devices[number], (what, about))
        self.devices[number].works()

    def _says(self, device: Witness, order: tuple[str, int] | None, reply: str = "heard") -> None:
        body = self.bodies.pop(device.id, None) or device.begin()
        self.two.first.meanwhile(self._seen(self._job(*order, device, body)) if order else None)
        answer = self.two.post(device, body)
        self.two.first.meanwhile(None)
        if reply == "lost once":
            again = self.two.second.post(device, body)
            assert again.body == answer.body or answer.status != 200, "another answer"
        self.check(message=True)
        if reply != "lost" and answer.status == 200:
            device.hear(answer)
            if said := device.go_on():
                self.bodies[device.id] = said

    def _seen(self, job: Callable[[], Any]) -> Callable[[], None]:
        """What it did is looked at before anybody could write over it."""

        def both() -> None:
            job()
            self.check()

        return both

    def _job(self, what: str, about: int, device: Witness, body: bytes) -> Callable[[], Any]:
        """Said of what the device is busy with, or about to be; else of anything."""
        going_on = [o for o in self.before.values() if o.device_id == device.id and o.state in BUSY]
        one = going_on[about % len(going_on)] if going_on else None
        jobs: dict[str, Callable[[], Any]] = {
            "cancel": lambda: self.two.cancel(one.id if one else about),
            "twice": lambda: self.two.second.post(device, body),
            "sweep": lambda: self.two.passes(0.0),
        }
        if what in WORDS:
            return lambda: self.two.steer(one.campaign_id if one else (about + 1) // 2, what)
        return jobs[what]

    @rule(seconds=st.sampled_from([1.0, 30.0, 70.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.two.passes(seconds)
        self.check()

    @rule()
    def a_server_starts_anew(self) -> None:
        self.two.first.restart()

    # --- what no step may do ----------------------------------------------------------------------

    def check(self, *, message: bool = False) -> None:
        """The rows after a step, beside those before it."""
        self.broken = True  # until all of it is found to be well
        db = self.two.first.store.db
        now = {o.id: o for o in map(OPERATIONS.row, db.rows(OPERATIONS.select))}
        campaigns = {c.id: c for c in map(CAMPAIGNS.row, db.rows(CAMPAIGNS.select))}
        sql = """SELECT campaign_id, group_number, state, sum(number) FROM tally GROUP BY 1, 2, 3
            HAVING sum(number) <> 0"""
        tally = {(one, group, state): number for one, group, state, number in db.rows(sql)}
        assert tally == Counter((o.campaign_id, o.group_number, o.state) for o in now.values())
        results = dict(db.rows("SELECT operation_id, code FROM result"))
        assert results == {o.id: o.result for o in now.values() if o.result is not None}
        for number, after in now.items():
            self._moved(self.before.get(number), after)
            one = campaigns[after.campaign_id]
            runs = one.state == "running"
            assert after.state is not S.PLANNED or runs, f"planned, while {one.state}"
            if message and after.sendings and not self.before[number].sendings:
                assert runs, f"sent, and its campaign was {one.state}"
                assert after.group_number <= one.opened, "sent before its group was open"
                assert one.approved_by or not one.approval, "sent without approval"
        for number in now.keys() - self.before.keys():
            about = now[number]
            assert about.campaign_id not in self.over, "ordered after a stop"
        followed = [o.next_id for o in now.values() if o.next_id is not None]
        assert len(set(followed)) == len(followed), "one operation followed two"
        assert set(followed) <= now.keys()
        self.over = {number for number, one in campaigns.items() if one.state in OVER}
        self.before, self.broken = now, False

    def _moved(self, before: Operation | None, after: Operation) -> None:
        if before is None:
            return
        assert after.state in REACH[before.state], f"{before.state} became {after.state}"
        assert before.result in (None, after.result), "a result changed"
        if before.state is S.CANCEL_REQUESTED:
            assert after.sendings == before.sendings, "said again, and nobody wants it any more"

    # --- the end ----------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if not self.broken:
                self._settled()
        finally:
            self.two.close()

    def _settled(self) -> None:
        """Everything gets the word that it waits for; nothing may be left, and nothing wrong."""
        self.bodies.clear()
        for _ in range(ROUNDS_MAX):
            for number in range(1, len(self.ordered) + 1):
                for word in ("submit", "approve", "start", "resume", "next-group"):
                    self.two.steer(number, word)
            self.two.passes(70.0)
            for device in self.devices:
                device.talk(self.two.post)
                device.works()
            self.check()
            if all(o.state in ENDED for o in self.before.values()) and not self._owed():
                break
        evidence = gathered(self.two.where, self.ordered, self.devices)
        found = complaints(evidence)
        assert found == [], "\n".join(found)

    def _owed(self) -> bool:
        return any(device.owed or device.working for device in self.devices)
