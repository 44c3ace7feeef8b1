"""One POST of a report to the server of a descriptor. No redirect is followed."""

import ssl

from fumo.device.edges.connecting import STRANGERS, ask
from fumo.device.edges.guard import Guard
from fumo.device.edges.trouble import Trouble
from fumo.device.edges.urls import check_url
from fumo.update.failures import http_failure

TIMEOUT_S = 10.0


def post(
    url: str, body: bytes, tls: ssl.SSLContext | None = None, guard: Guard = STRANGERS
) -> None:
    """Tell it; Trouble when nobody heard. An answer that is a refusal was heard, too."""
    told = {"Content-Type": "text/plain; charset=utf-8"}
    connection, _, answer = ask(guard, check_url(url), TIMEOUT_S, tls, "POST", told, body)
    connection.close()
    if answer.status >= 500:
        raise Trouble(http_failure(answer.status))
