"""A descriptor beside each package, and reports of transfers over real sockets."""

import http.client
from urllib.parse import urljoin, urlsplit

import pytest

from fumo.depot.request import BODY_LENGTH_MAX
from fumo.dlota.descriptor import MEDIA_TYPE, Descriptor, read
from fumo.dlota.notify import Code, report
from tests.device.servers import Depot

CONTENT = b"firmware" * 1000
PLAIN = "application/octet-stream"


@pytest.fixture
def depot(tmp_path):
    depot = Depot(tmp_path)
    yield depot
    depot.stop()


@pytest.fixture
def connection(depot):
    connection = http.client.HTTPConnection(depot.host, depot.port, timeout=5)
    yield connection
    connection.close()


def ask(connection, method, url, body=None):
    connection.request(method, urlsplit(url).path, body)
    answer = connection.getresponse()
    return answer, answer.read()


@pytest.mark.clause("C04b-02")
def test_a_descriptor_leads_to_its_package_and_to_where_it_is_reported(depot, connection):
    url = urljoin(depot.url(CONTENT, "7"), "descriptor")
    answer, body = ask(connection, "GET", url)
    assert (answer.status, answer.getheader("Content-Type")) == (200, MEDIA_TYPE)
    assert read(body) == Descriptor((PLAIN,), len(CONTENT), "package", "report")
    package, whole = ask(connection, "GET", urljoin(url, read(body).object_uri))
    assert (whole, package.getheader("Content-Type")) == (CONTENT, PLAIN)


def test_a_descriptor_of_what_is_gone_is_not_there(depot, connection):
    url = urljoin(depot.url(CONTENT, "7"), "descriptor")
    for path in tuple(depot.store.names()):
        depot.store.remove(path.sha256, path.at_s + 1)
    assert ask(connection, "GET", url)[0].status == 404


def test_a_report_stands_in_the_log_and_the_connection_goes_on(depot, connection):
    url = urljoin(depot.url(CONTENT, "7"), "report")
    for code in (Code.LOSS_OF_SERVICE, Code.SUCCESS):
        answer, _ = ask(connection, "POST", url, report(code))
        assert answer.status == 200
    assert ask(connection, "POST", url, b"999 in its own words")[0].status == 200
    connection.close()
    found = [(line.operation, line.method, line.report) for line in depot.log()]
    assert found == [("7", "POST", code) for code in (903, 900, 999)]


@pytest.mark.parametrize(
    ("method", "end", "body", "status"),
    [
        ("POST", "report", b"", 400),
        ("POST", "report", b"good news", 400),
        ("POST", "report", b"900" + b" " * BODY_LENGTH_MAX, 413),
        ("GET", "report", None, 405),
        ("POST", "package", b"900 Success", 405),
        ("POST", "descriptor", b"900 Success", 405),
        ("PUT", "report", b"900 Success", 413),
        ("POST", "0/report", b"900 Success", 405),
    ],
)
def test_what_is_no_report(depot, connection, method, end, body, status):
    answer, _ = ask(connection, method, urljoin(depot.url(CONTENT, "7"), end), body)
    assert answer.status == status
    connection.close()
    assert [line.report for line in depot.log()] == [None]


def test_who_may_be_told_what_is_said(depot, connection):
    url = depot.url(CONTENT, "7")
    assert ask(connection, "GET", urljoin(url, "report"))[0].getheader("Allow") == "POST"
    assert ask(connection, "POST", url)[0].getheader("Allow") == "GET, HEAD"
