"""The story of the demo: an order, what comes of it, the operator's retry, and the evidence.

Ends when every result has been told and acknowledged, and a while after that: late deeds are what
is looked for.
"""

import time

from fumo.depot.log import read_log
from fumo.fleet.evidence import Ended, Record, Retried, Served, Told, now_ns
from fumo.fleet.operator import Operator
from fumo.fleet.patience import Patience
from fumo.fleet.stage import PACKAGE, Stage

AFTERWARDS_S = 4.0
"""How long everybody is watched after the last result: several polls of every device."""

ACKNOWLEDGED = (200, 202)


def play(stage: Stage, operator: Operator, patience: Patience) -> tuple[Record, ...]:
    """Order, wait, order again for the failed ones, watch on; all the evidence."""
    names = [actor.name for actor in stage.actors]
    stage.start_devices()
    campaign = operator.order(PACKAGE, names)
    patience.until("every device has told its result", lambda: acknowledged(stage) >= len(names))
    stage.villain.finish()
    at_ns = now_ns()
    again = operator.retry(campaign)
    stage.recorder.add(Retried(at_ns, again))
    everything = len(names) + again
    patience.until("the retried have told theirs", lambda: acknowledged(stage) >= everything)
    time.sleep(AFTERWARDS_S)
    return collect(stage, operator, campaign)


def acknowledged(stage: Stage) -> int:
    """How many operations have told their result to a server that said so to the device."""
    return len(
        {
            told.correlator
            for told in stage.recorder.so_far()
            if isinstance(told, Told) and told.delivered and told.status in ACKNOWLEDGED
        }
    )


def collect(stage: Stage, operator: Operator, campaign: int) -> tuple[Record, ...]:
    """Ask those witnesses who keep their own books, and close the evidence."""
    stage.watcher.stop()
    for actor in stage.actors:
        stage.recorder.add(stage.devices.chosen(actor))
    for line in read_log(operator.depot_log):
        path = line.target.partition("?")[0]
        stage.recorder.add(Served(line.at_ns, path, line.status, line.sent))
    for row in operator.rows(campaign):
        stage.recorder.add(row)
    stage.recorder.add(operator.counters(campaign))
    stage.recorder.add(Ended(now_ns()))
    return stage.recorder.so_far()
