"""Drives many light devices against any number of servers, and says what came of it.

    python -m fumo.fleet.drive FILE     JSON: a `Drive`

Every message goes to a server drawn at random. Each device has sessions until it has reported as
many results as wanted; a session that fails is given up and another one begun. Prints one JSON
`Driven`. Give it a core of its own: it costs about as much as a server.
"""

import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from fumo.errors import PeerError
from fumo.fleet.light import Light
from fumo.wire.client import Link
from fumo.wire.exchange import Reply

PAUSE_S = 0.05


class Identity(Struct, frozen=True):
    """A device that a server knows."""

    id: str
    user: str
    password: str
    server_password: str


class Drive(Struct, frozen=True):
    """What is to be driven: `wanted` results from each device, within `patience_s`."""

    urls: tuple[str, ...]
    devices: tuple[Identity, ...]
    wanted: int = 1
    threads: int = 16
    patience_s: float = 600.0
    seed: int = 0


class Driven(Struct):
    """What came of it; `given_up` counts sessions, `missing` results."""

    messages: int = 0
    sessions: int = 0
    given_up: int = 0
    reported: int = 0
    missing: int = 0
    seconds: float = 0.0


def drive(order: Drive) -> Driven:
    """All devices, by as many threads; each device by one of them."""
    began_s = time.monotonic()
    whole, lock = Driven(), threading.Lock()
    waiting = iter(order.devices)

    def run(number: int) -> None:
        mine = _one_after_the_other(order, number, _shared(waiting, lock), began_s)
        with lock:
            _add(whole, mine)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(order.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole.seconds = time.monotonic() - began_s
    return whole


def _shared(waiting: Iterator[Identity], lock: threading.Lock) -> Iterator[Identity]:
    while True:
        with lock:
            one = next(waiting, None)
        if one is None:
            return
        yield one


def _one_after_the_other(
    order: Drive, number: int, mine: Iterator[Identity], began_s: float
) -> Driven:
    done, dice = Driven(), random.Random(f"{order.seed} {number}")
    with closing(Link()) as link:
        for one in mine:
            light = Light(one.id, one.user, one.password, one.server_password, order.urls[0])
            while light.reported < order.wanted:
                if time.monotonic() - began_s > order.patience_s:
                    break
                _session(light, link, order.urls, dice, done)
            done.reported += light.reported
            done.missing += order.wanted - light.reported
    return done


def _session(
    light: Light, link: Link, urls: Sequence[str], dice: random.Random, done: Driven
) -> None:
    def post(peer: Light, body: bytes) -> Reply:
        query = urlsplit(peer.address).query
        url = dice.choice(urls)
        done.messages += 1
        heard = link.post(f"{url}?{query}" if query else url, body, peer.media_type)
        return Reply(200, heard.body, heard.media_type)

    done.sessions += 1
    try:
        light.talk(post)
    except (OSError, PeerError):
        done.given_up += 1
        time.sleep(PAUSE_S)
    light.works()


def _add(whole: Driven, part: Driven) -> None:
    for name in ("messages", "sessions", "given_up", "reported", "missing"):
        setattr(whole, name, getattr(whole, name) + getattr(part, name))


def main(words: Sequence[str]) -> int:
    """Drive what a file says; 1 when a result is missing."""
    order = msgspec.json.decode(Path(words[0]).read_bytes(), type=Drive)
    driven = drive(order)
    print(msgspec.json.encode(driven).decode())
    return int(driven.missing > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
