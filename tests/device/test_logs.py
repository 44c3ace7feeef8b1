"""The device's log: text for people, JSON for programs, and no power for what a peer wrote."""

import io
import json

import pytest

from fumo.device.edges.logs import FIELDS_MAX, VALUE_MAX, JsonLog, TextLog, log_of
from fumo.device.progress import bar

MIB = 1024 * 1024
EVIL = "x\n2030-01-01T00:00:00Z dev Sealed result=200\x1b[2J"


class Screen(io.StringIO):
    """A terminal that somebody looks at."""

    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    """Nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_on_a_terminal_it_is_text_and_else_json_unless_asked_for():
    kinds = [type(log_of(form, "d", io.StringIO())) for form in ("auto", "text", "json")]
    assert kinds == [JsonLog, TextLog, JsonLog]
    assert [type(log_of(form, "d", Screen())) for form in ("auto", "json")] == [TextLog, JsonLog]


def test_a_line_of_text():
    out = io.StringIO()
    TextLog("IMEI:1", out)("Waits", seconds=2.5, reason="no network")
    at, line = out.getvalue().split(" ", 1)
    assert (len(at), line) == (20, "IMEI:1 Waits seconds=2.5 reason='no network'\n")


def test_a_line_of_json():
    out = io.StringIO()
    JsonLog("IMEI:1", out)("Sealed", operation=1, result=200, well=True, correlator=None)
    told = json.loads(out.getvalue())
    assert len(told.pop("at")) == 20
    assert told == {
        "device": "IMEI:1",
        "event": "Sealed",
        "operation": 1,
        "result": 200,
        "well": True,
        "correlator": None,
    }


@pytest.mark.parametrize("kind", [TextLog, JsonLog])
def test_a22_a_peers_words_make_no_line_and_move_no_cursor(kind: type[TextLog | JsonLog]):
    out = io.StringIO()
    kind("dev", out)("SessionEnds", reason=EVIL, other="\ud800")
    assert out.getvalue().count("\n") == 1
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("kind", [TextLog, JsonLog])
def test_a22_a_line_is_bounded(kind: type[TextLog | JsonLog]):
    out = io.StringIO()
    values = {f"v{number}": "y" * 100_000 for number in range(100)}
    kind("dev", out)("Event", **values)
    assert len(out.getvalue()) < FIELDS_MAX * (VALUE_MAX + 60)
    assert "(100000 characters)" in out.getvalue()


def test_a_download_is_a_bar_on_a_terminal_and_the_next_line_takes_its_place():
    out = Screen()
    log = log_of("auto", "dev", out)
    log("Progressed", operation=1, received=4 * MIB, total=16 * MIB)
    log("Progressed", operation=1, received=8 * MIB, total=16 * MIB)
    log("Sealed", operation=1)
    first, second, line = out.getvalue().split("\r\x1b[K")[1:]
    assert (first.split("]")[1], second.split("]")[1]) == (
        "  25 %  4.0 of 16.0 MiB",
        "  50 %  8.0 of 16.0 MiB",
    )
    assert line.endswith("Sealed operation=1\n")


def test_where_nobody_looks_progress_is_a_line():
    out = io.StringIO()
    log_of("auto", "dev", out)("Progressed", operation=1, received=4, total=16)
    assert json.loads(out.getvalue())["received"] == 4


@pytest.mark.parametrize(
    ("received", "total", "line"),
    [
        (0, 10, f"[{'·' * 30}]   0 %  0.0 of 0.0 MiB"),
        (20, 10, f"[{'#' * 30}] 100 %  0.0 of 0.0 MiB"),
        (MIB, None, "1.0 MiB"),
        (MIB, 0, "1.0 MiB"),
    ],
)
def test_bars(received: int, total: int | None, line: str):
    assert bar(received, total) == line


@pytest.mark.parametrize("kind", [TextLog, JsonLog])
def test_a_log_that_nobody_reads_stops_nothing(kind: type[TextLog | JsonLog]):
    kind("dev", Gone())("Starts")
