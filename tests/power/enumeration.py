"""Cut the power at every event of a story, with every damage, and live on: is every word kept?

    python -m tests.power.enumeration [--long] [story ...]     exit 1 if an invariant broke

A story runs once on the recording disk. Then, for each event of it, the disks are built that a cut
after that event may leave: what was not synced is there, gone, torn, out of order. Each different
one is opened by a device that lives on to the end of its orders, and what was seen outside is
judged. Of some of these second lives every event is cut once more.
"""

import random
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

from msgspec import Struct, field

from fumo.errors import MisuseError
from fumo.testing.disk import Damage
from tests.power.bench import AnyDamage, Bench, Start, cuts, set_up
from tests.power.crash import Loss
from tests.power.events import Event
from tests.power.stories import STORIES, Story

WORKERS = 2
BROKEN_MAX = 20  # a story that breaks so often need not go on


class Plan(Struct, frozen=True):
    """How much is looked at: the second life of every n-th disk is cut everywhere, too."""

    damages: tuple[AnyDamage, ...]
    twice_every: int
    twice_damages: tuple[AnyDamage, ...]
    seed: int = 0


SORTS = (Damage.NONE, Damage.ALL, Loss.REVERSED, Loss.ONE_FILE)
CI = Plan((*SORTS, *[Loss.TORN] * 2, *[Damage.RANDOM] * 4), 160, (*SORTS, Damage.RANDOM))
LONG = Plan((*SORTS, *[Loss.TORN] * 6, *[Damage.RANDOM] * 30), 2, (*SORTS, *[Damage.RANDOM] * 2))


class Found(Struct):
    """What came of one story. `once` and `twice` count different disks."""

    story: str
    events: int = 0
    once: int = 0
    twice: int = 0
    broken: list[str] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def disks(self) -> int:
        """All that were lived on from."""
        return self.once + self.twice


def enumerate_story(name: str, plan: Plan) -> Found:
    """All cuts of one story."""
    began_s, found = time.perf_counter(), Found(name)
    with set_up() as bench:
        for how in _cut(bench, STORIES[name], plan, found):
            found.broken.append(f"{name}, {how}")
            if len(found.broken) >= BROKEN_MAX:
                break
    found.took_s = time.perf_counter() - began_s
    return found


def _cut(bench: Bench, story: Story, plan: Plan, found: Found) -> Iterator[str]:
    """What broke, cut by cut; `found` counts."""
    start, dice = bench.begin(story), random.Random(plan.seed)
    events, broken = lived(bench, story, start, record=True)
    if broken:
        yield f"not cut at all: {broken}"
    found.events = len(events)
    for n, (how, after) in enumerate(cuts(start, events, plan.damages, dice)):
        again = n % plan.twice_every == plan.twice_every // 2
        later, broken = lived(bench, story, after, record=again)
        found.once += 1
        if broken:
            yield f"cut at {how}: {broken}"
        elif again:
            for twice, last in cuts(after, later, plan.twice_damages, dice):
                found.twice += 1
                if broken := lived(bench, story, last)[1]:
                    yield f"cut at {how}, then at {twice}: {broken}"


def lived(
    bench: Bench, story: Story, start: Start, record: bool = False
) -> tuple[list[Event], str]:
    """(the events if they are wanted, what broke)."""
    try:
        return bench.live(story, start, record), ""
    except (AssertionError, MisuseError, OSError) as error:
        return bench.disk.events, f"{type(error).__name__}: {error}"


def enumerate_all(names: Iterable[str], plan: Plan) -> list[Found]:
    """Each story in one of the worker processes."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        return list(pool.map(enumerate_story, names, repeat(plan)))


def figures(found: list[Found]) -> str:
    """A line a story, and what broke."""
    lines = [f"{'story':16}{'events':>7}{'one cut':>9}{'two cuts':>9}{'broken':>7}{'seconds':>8}"]
    for one in found:
        counts = f"{one.events:7}{one.once:9}{one.twice:9}{len(one.broken):7}{one.took_s:8.1f}"
        lines.append(f"{one.story:16}{counts}")
    lines.append(
        f"{sum(f.disks for f in found)} disks after power cuts, "
        f"{sum(len(f.broken) for f in found)} broke a promise"
    )
    return "\n".join([*lines, *(text for one in found for text in one.broken[:3])])


def main(arguments: list[str]) -> int:
    """Enumerate, and say what was found."""
    names = [one for one in arguments if one != "--long"] or list(STORIES)
    found = enumerate_all(names, LONG if "--long" in arguments else CI)
    print(figures(found))
    return 1 if any(one.broken for one in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
