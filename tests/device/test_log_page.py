"""The page of the log: every event that the device writes is on it, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/log.md"
DEVICE = ROOT / "src/fumo/device"
LOGS = ("log", "_log")
EVENT = re.compile(r"`([A-Z][A-Za-z]+)`")


def events(source: str) -> Iterator[str]:
    """Names that are logged as they stand, and happenings that `Memory` tells by their class."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and _name(node.func) in LOGS:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
        if isinstance(node, ast.FunctionDef) and node.name == "_told":
            yield from (_name(one.cls) for one in ast.walk(node) if isinstance(one, ast.MatchClass))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_the_page_has_every_event_and_no_other():
    written = {event for path in DEVICE.rglob("*.py") for event in events(path.read_text())}
    rows = [line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in EVENT.findall(row)} == written
    assert {"Sealed", "Progressed", "GateShut"} <= written


def test_events_are_seen():
    source = "self._log('A', x=1)\nlog('B')\nprint('C')\ndef _told(h):\n  match h:\n    case D(): 1"
    assert sorted(events(source)) == ["A", "B", "D"]
