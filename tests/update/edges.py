"""The standard's State figure as a judge of what was seen (FUMO 5): from one value to the next.

Every value leads to every other somehow, if orders may come; so an edge that only a server opens
counts only when the server has done that between the two looks.
"""

from msgspec import Struct

from fumo.codes import Kind

BY_ITSELF = {
    (30, 20),
    (30, 40),
    (40, 50),
    (60, 70),
    (60, 90),
    (70, 80),
    (90, 100),
    (20, 10),
    (80, 10),
    (90, 10),
    (100, 10),
}
FETCHES = frozenset({Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE})
PKG_DATA = "PkgData"


class Step(Struct, frozen=True):
    """Two looks, one after the other, and what the server did between them."""

    before: int
    after: int
    done: frozenset[str]
    runs: Kind | None
    """The operation that goes on, or began: a DownloadAndUpdate updates by itself."""


def edges(step: Step) -> set[tuple[int, int]]:
    """Those that may be walked between the two looks."""
    opened = set(BY_ITSELF)
    if step.done & FETCHES:
        opened |= {(10, 30), (50, 10)}  # what is fetched replaces what was ready
    if PKG_DATA in step.done:
        opened |= {(10, 50), (50, 10)}
    if Kind.UPDATE in step.done:
        opened.add((10, 50))  # the package that was kept is ready once more
    if Kind.UPDATE in step.done or step.runs in (Kind.UPDATE, Kind.DOWNLOAD_AND_UPDATE):
        opened.add((50, 60))
    return opened


def legal(step: Step) -> bool:
    """Does a way lead from one to the other?"""
    reached, todo, opened = {step.before}, [step.before], edges(step)
    while todo:
        here = todo.pop()
        new = {end for start, end in opened if start == here} - reached
        reached |= new
        todo += new
    return step.after in reached
