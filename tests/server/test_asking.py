"""What the form of a new campaign says becomes what the API is asked. Values in, values out."""

import pytest

from fumo.server.denied import Denied
from fumo.server.edges.pages.asking import FIRST, body, filled

FORM = {**FIRST, "package": "fw@1", "operation": "download", "filter": "tag == lab"}


def test_an_untouched_form_asks_for_what_the_api_would_take_by_itself():
    asked = body(FORM)
    assert asked["filter"] == "tag == lab"
    assert asked["deadline_s"] == 7 * 24 * 3600.0
    terms = asked["terms"]
    assert (terms["starts"], terms["shares"], terms["rate"], terms["windows"]) == (True, [], 0, [])
    assert terms["retries"]["count"] == 0
    assert not any(terms[name] for name in ("approval", "consent", "download_anytime"))


def test_everything_that_a_form_can_say():
    said = {
        "by": "name", "devices": "IMEI:1\r\n\r\n IMEI:2 \n", "begin": "at", "dynamic": "yes",
        "starts_at": "2026-12-31T22:30", "shares": "1%, 10 50", "success_percent": "95",
        "windows": "mon-fri 01:00-05:00\nsun 00:00-24:00", "zone": "Europe/Berlin",
        "retry_count": "2", "retry_wait_min": "1.5", "retry_on": "503 unknown",
        "approval": "yes", "deadline_days": "0.5",
    }  # fmt: skip
    asked = body({**FORM, **said})
    assert (asked["devices"], asked["filter"]) == (["IMEI:1", "IMEI:2"], None)
    assert not asked["dynamic"], "devices by name are those, and no others"
    assert asked["deadline_s"] == 12 * 3600.0
    terms = asked["terms"]
    assert terms["starts_at_s"] == 1798756200.0
    assert terms["ends_at_s"] is None
    assert terms["shares"] == [1, 10, 50]
    assert terms["windows"] == ["mon-fri 01:00-05:00", "sun 00:00-24:00"]
    assert terms["retries"] == {"count": 2, "wait_s": 90.0, "on": ["503", "unknown"]}
    assert terms["approval"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("rate", "many"), ("shares", "1 x"), ("deadline_days", "1.2.3"), ("ends_at", "tomorrow"),
     ("error_percent", "-1"), ("retry_count", "9" * 20), ("retry_wait_min", "٣")],
)  # fmt: skip
def test_what_is_no_number_or_time_is_said(name: str, value: str):
    with pytest.raises(Denied):
        body({**FORM, "retry_on": "failed", name: value})


def test_a_start_at_a_time_needs_the_time():
    with pytest.raises(Denied, match="say when"):
        body({**FORM, "begin": "at"})


def test_a_form_of_somebody_elses_making_breaks_nothing():
    assert filled({"rate": ["1", "2"], "name": " x "})["rate"] == ""
    assert set(filled({})) == set(FIRST)
