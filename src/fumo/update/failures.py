"""Why an attempt fails: which result code it would report, and whether trying again may help.

Pure. One declared table, so that the retry policy can be read, and compared with FUMO §6.2,
at a glance. Temporary means: another attempt may succeed without anybody changing anything.
"""

from enum import StrEnum

from fumo.update.operation import Failure


class Cause(StrEnum):
    """What went wrong, in one word."""

    # the way to the package
    BAD_URL = "bad-url"
    BAD_SCHEME = "bad-scheme"
    FORBIDDEN_HOST = "forbidden-host"
    BAD_DESCRIPTOR = "bad-descriptor"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    DNS = "dns"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    RESET = "reset"
    SHORT_BODY = "short-body"
    TIMEOUT = "timeout"
    STALLED = "stalled"
    # what its server says
    UNAVAILABLE = "unavailable"
    SERVER_ERROR = "server-error"
    BAD_ANSWER = "bad-answer"
    AUTHENTICATION = "authentication"
    NOT_THERE = "not-there"
    # the package itself
    CORRUPT = "corrupt"
    UNFIT = "unfit"
    INVALID = "invalid"
    NOT_ACCEPTABLE = "not-acceptable"
    # who vouches for it
    NO_METADATA = "no-metadata"
    EXPIRED = "expired"
    UNTRUSTED = "untrusted"
    # this device
    CANCELLED = "cancelled"
    GATE_SHUT = "gate-shut"
    NO_SPACE_DOWNLOAD = "no-space-download"
    NO_SPACE_UPDATE = "no-space-update"
    READ_ERROR = "read-error"
    WRITE_ERROR = "write-error"
    NOT_IMPLEMENTED = "not-implemented"
    UNKNOWN = "unknown"


TEMPORARY, PERMANENT = True, False

FAILURES: dict[Cause, tuple[int, bool]] = {
    Cause.BAD_URL: (411, PERMANENT),
    Cause.BAD_SCHEME: (411, PERMANENT),
    # The device itself, or its neighbours' services: no server may send it there.
    Cause.FORBIDDEN_HOST: (411, PERMANENT),
    # What makers' devices report for the codes 906 and 951 of OMA Download.
    Cause.BAD_DESCRIPTOR: (409, PERMANENT),
    Cause.TOO_MANY_REDIRECTS: (411, PERMANENT),
    Cause.DNS: (412, TEMPORARY),
    Cause.REFUSED: (412, TEMPORARY),
    Cause.UNREACHABLE: (503, TEMPORARY),
    Cause.TLS: (503, TEMPORARY),
    Cause.RESET: (503, TEMPORARY),
    Cause.SHORT_BODY: (503, TEMPORARY),
    Cause.TIMEOUT: (407, TEMPORARY),
    Cause.STALLED: (407, TEMPORARY),
    Cause.UNAVAILABLE: (412, TEMPORARY),
    Cause.SERVER_ERROR: (500, TEMPORARY),
    Cause.BAD_ANSWER: (500, TEMPORARY),
    Cause.AUTHENTICATION: (406, PERMANENT),
    Cause.NOT_THERE: (411, PERMANENT),
    Cause.CORRUPT: (402, PERMANENT),
    Cause.UNFIT: (403, PERMANENT),
    # A manifest that cannot be read validates nothing.
    Cause.INVALID: (404, PERMANENT),
    # Of a kind this device never installs, or older than it may go back to.
    Cause.NOT_ACCEPTABLE: (405, PERMANENT),
    Cause.NO_METADATA: (412, TEMPORARY),
    # Signed once, and perhaps signed anew by the next attempt.
    Cause.EXPIRED: (404, TEMPORARY),
    Cause.UNTRUSTED: (404, PERMANENT),
    Cause.CANCELLED: (401, PERMANENT),
    Cause.GATE_SHUT: (400, PERMANENT),
    Cause.NO_SPACE_DOWNLOAD: (501, PERMANENT),
    Cause.NO_SPACE_UPDATE: (502, PERMANENT),
    Cause.READ_ERROR: (410, TEMPORARY),
    Cause.WRITE_ERROR: (410, TEMPORARY),
    Cause.NOT_IMPLEMENTED: (408, PERMANENT),
    Cause.UNKNOWN: (409, PERMANENT),
}

HTTP_CAUSES = {
    401: Cause.AUTHENTICATION,
    407: Cause.AUTHENTICATION,
    408: Cause.TIMEOUT,
    425: Cause.UNAVAILABLE,
    429: Cause.UNAVAILABLE,
    502: Cause.UNAVAILABLE,
    503: Cause.UNAVAILABLE,
    504: Cause.UNAVAILABLE,
}
"""The statuses that mean something of their own; the hundreds decide for all others."""


def failure(cause: Cause) -> Failure:
    """The declared failure of a cause."""
    result, temporary = FAILURES[cause]
    return Failure(cause=cause, result=result, temporary=temporary)


def http_failure(status: int) -> Failure:
    """The failure that an HTTP status of the download server means."""
    return failure(HTTP_CAUSES.get(status) or _cause_by_hundreds(status))


def _cause_by_hundreds(status: int) -> Cause:
    if 500 <= status <= 599:
        return Cause.SERVER_ERROR
    # A status we never asked for, such as 204 or a redirect to nowhere, is a bad answer.
    return Cause.NOT_THERE if 400 <= status <= 499 else Cause.BAD_ANSWER
