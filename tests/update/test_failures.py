"""The declared table of failures, against FUMO 6.2."""

import pytest

from fumo.update import Cause, failure, http_failure


@pytest.mark.parametrize(
    ("status", "result", "temporary"),
    [
        (401, 406, False),
        (407, 406, False),
        (403, 411, False),
        (404, 411, False),
        (410, 411, False),
        (418, 411, False),
        (408, 407, True),
        (429, 412, True),
        (500, 500, True),
        (501, 500, True),
        (502, 412, True),
        (503, 412, True),
        (504, 412, True),
        (204, 500, True),
        (304, 500, True),
    ],
)
def test_http_statuses_mean_results(status, result, temporary):
    meant = http_failure(status)
    assert (meant.result, meant.temporary) == (result, temporary)


@pytest.mark.parametrize(
    ("cause", "result", "temporary"),
    [
        (Cause.BAD_URL, 411, False),
        (Cause.DNS, 412, True),
        (Cause.REFUSED, 412, True),
        (Cause.RESET, 503, True),
        (Cause.SHORT_BODY, 503, True),
        (Cause.STALLED, 407, True),
        (Cause.CORRUPT, 402, False),
        (Cause.UNFIT, 403, False),
        (Cause.INVALID, 404, False),
        (Cause.NO_SPACE_DOWNLOAD, 501, False),
        (Cause.NO_SPACE_UPDATE, 502, False),
        (Cause.WRITE_ERROR, 410, True),
        (Cause.UNKNOWN, 409, False),
    ],
)
def test_causes_mean_results(cause, result, temporary):
    meant = failure(cause)
    assert (meant.cause, meant.result, meant.temporary) == (cause, result, temporary)
