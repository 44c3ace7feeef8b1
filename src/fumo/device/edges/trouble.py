"""What ends a download attempt, on its way up from where it was noticed. Never leaves the edges.

Each exception of socket, http.client and ssl has its declared cause here, at one glance.
"""

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from fumo.dlota.notify import Code
from fumo.update.failures import Cause, failure
from fumo.update.operation import Failure


class Trouble(Exception):
    """An attempt cannot go on; carries the failure that the operation will know."""

    def __init__(self, why: Failure, wait_s: float = 0.0, code: Code | None = None) -> None:
        """`why` is declared in `fumo.update.failures`; `wait_s` is what the server asked for.

        `code` is what install-notify says, where the cause alone does not tell.
        """
        super().__init__(why.cause)
        self.failure = why
        self.wait_s = wait_s
        self.code = code


# The first that fits counts, so the particular stands before the general.
NETWORK_CAUSES: tuple[tuple[type[Exception], Cause], ...] = (
    (socket.gaierror, Cause.DNS),
    (TimeoutError, Cause.TIMEOUT),
    (ConnectionRefusedError, Cause.REFUSED),
    (ConnectionError, Cause.RESET),  # RemoteDisconnected is one too
    (ssl.SSLError, Cause.TLS),
    (http.client.IncompleteRead, Cause.SHORT_BODY),
    (http.client.InvalidURL, Cause.BAD_URL),
    (http.client.HTTPException, Cause.BAD_ANSWER),
    (OSError, Cause.UNREACHABLE),
)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
STORE_TROUBLE_RESULT = 400
"""A disk that fails while downloading is the device's fault, and State 20 knows no 410."""


@contextmanager
def network() -> Iterator[None]:
    """Whatever the network does inside is Trouble."""
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        cause = next(cause for kind, cause in NETWORK_CAUSES if isinstance(error, kind))
        raise Trouble(failure(cause)) from error


@contextmanager
def disk() -> Iterator[None]:
    """Whatever the disk does inside is Trouble."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise Trouble(failure(Cause.NO_SPACE_DOWNLOAD)) from error
        why = replace(failure(Cause.WRITE_ERROR), result=STORE_TROUBLE_RESULT)
        raise Trouble(why) from error
