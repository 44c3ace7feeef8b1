"""What a device's log tells of each object's State, step by step, for the judge of edges."""

from collections.abc import Iterable, Iterator

from fumo.codes import Kind, State
from tests.update.edges import PKG_DATA, Step


def walk(events: Iterable[tuple[str, dict[str, object]]], uri: str) -> Iterator[Step]:
    """The steps of one object, out of a device's log."""
    seen, done, runs = int(State.IDLE), set[str](), None
    for name, values in events:
        if values.get("object") != uri:
            continue
        if name == "ExecAccepted":
            runs = Kind(str(values["kind"]))
            done.add(runs)
        elif name == "PackageReplaced":
            done.add(PKG_DATA)
        elif name == "State":
            now = int(str(values["value"]))
            yield Step(seen, now, frozenset(done), runs)
            seen, done = now, set()
