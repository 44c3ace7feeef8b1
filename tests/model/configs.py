"""How much may happen, and go wrong, in one search."""

from typing import NamedTuple

from fumo.codes import Kind

BOTH = Kind.DOWNLOAD_AND_UPDATE


class Config(NamedTuple):
    """The bounds of one search."""

    name: str
    kinds: tuple[Kind, ...] = (BOTH,)  # one intention each, the next after the first's result
    crashes: int = 1
    server_crashes: int = 0
    sessions: int = 2
    messages: int = 3  # of the device, in one session
    trials: int = 1
    attempts: int = 2  # of each phase
    checkpoints: bool = False  # a download may be fetched in two pieces
    raising: bool = False  # a flip or mark-good may raise, having happened or not
    waits: bool = False  # gates may be shut, once at each stage, and may end what waits there
    replays: bool = True  # an older session's first message may begin it anew at the server


TINY = Config("tiny", attempts=1)
SMALL = Config("small", trials=2, replays=False)
CRASHING_SERVER = Config("server", server_crashes=1, attempts=1, replays=False)
TWO_STEPS = Config("two steps", (Kind.DOWNLOAD, Kind.UPDATE), messages=4, attempts=1, replays=False)
BOTH_TWICE = Config("both twice", (BOTH, BOTH), messages=4, attempts=1, replays=False)
ROUGH = Config("rough", trials=2, checkpoints=True, raising=True, replays=False)
WILD = Config(
    "wild", (BOTH, BOTH), crashes=3, server_crashes=2, sessions=5, checkpoints=True, raising=True
)

WAITING = Config("waiting", crashes=2, sessions=1, attempts=1, waits=True, replays=False)
WHOLE = (TINY, SMALL, CRASHING_SERVER, TWO_STEPS, BOTH_TWICE, WAITING)
"""Small enough to be searched whole at every run."""
ALL = (*WHOLE, ROUGH, WILD)
