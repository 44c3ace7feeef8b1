"""Stories of Generic Alerts: written by the book, read as the field sends them."""

import pytest

from fumo.codes import ALERT_TYPES, RESULTS, USER_REQUEST, Kind, Mark, result
from fumo.dm.alerts import generic_alert, request_alert, told
from fumo.dm.message import Alert, Item, Location, Meta

URI = "./FwUpdate/Primary"


@pytest.mark.clause("C10", "C11", "C13", "C14", "C-ALT", "P6-17", "P6-13")
@pytest.mark.parametrize("correlator", [None, "c-1", "<&> \u00e9 " + "x" * 255])
def test_what_is_told_is_what_is_read(correlator: str | None):
    kind = ALERT_TYPES[Kind.DOWNLOAD]
    [read] = told(generic_alert(kind, URI, 503, Mark.MINOR, correlator))
    assert (read.type, read.source, read.number) == (kind, URI, 503)
    assert (read.mark, read.correlator, read.format) == ("minor", correlator, "int")


@pytest.mark.clause("S04", "S-ALT", "P6-15")
@pytest.mark.parametrize(
    ("type", "data", "number"),
    [
        ("Reversed-Domain-Name: org.openmobilealliance.dm.firmwareupdate.download", "200", 200),
        (" ORG.OpenMobileAlliance.dm.firmwareupdate.Download ", " 412 ", 412),
        ("org.openmobilealliance.dm.firmwareupdate.download", "952 cause", 952),
        ("org.openmobilealliance.dm.firmwareupdate.download", "", None),
        ("org.openmobilealliance.dm.firmwareupdate.download", "checkConfiguration", None),
    ],
)
def test_the_fields_ways_of_saying_it(type: str, data: str, number: int | None):
    item = Item(source=Location(URI), meta=Meta(type=type), data=data)
    [read] = told(Alert(1226, items=(item,)))
    assert read.type == ALERT_TYPES[Kind.DOWNLOAD]
    assert (read.number, read.mark) == (number, Mark.INFORMATIONAL)


@pytest.mark.clause("C14", "C15", "P6-16")
def test_only_successes_are_informational():
    for code, meaning in RESULTS.items():
        assert meaning.good == (code < 300) == (meaning.mark is Mark.INFORMATIONAL)


@pytest.mark.clause("C14")
@pytest.mark.parametrize("code", [199, 201, 249, 300, 413, 449, 504, 549, 600])
def test_the_gaps_of_the_table_are_no_results(code: int):
    assert result(code) is None


@pytest.mark.clause("C19")
@pytest.mark.parametrize("source", [None, "./FwUpdate/Primary"])
def test_a_request_for_an_update_has_a_data_element_and_names_its_object_or_none(source):
    alert = request_alert(USER_REQUEST, source)
    (item,) = alert.items
    assert (item.data, item.source.uri if item.source else None) == ("", source)
    (heard,) = told(alert)
    assert (heard.type, heard.source, heard.data) == (USER_REQUEST, source or "", "")
