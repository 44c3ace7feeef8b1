"""An address that a stranger gave, checked before anything is asked for there."""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

from fumo.device.edges.trouble import Trouble
from fumo.update.failures import Cause, failure
from fumo.wire.address import is_host

URL_LENGTH_MAX = 2048
SCHEMES = ("http", "https")
PRINTABLE = re.compile(r"[\x21-\x7e]+")


def check_url(url: str | None) -> SplitResult:
    """The URL in parts; Trouble unless it is http(s) with a host and nothing odd in it."""
    if not url or len(url) > URL_LENGTH_MAX or not PRINTABLE.fullmatch(url):
        raise Trouble(failure(Cause.BAD_URL))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Trouble(failure(Cause.BAD_URL)) from None
    if parts.scheme and parts.scheme not in SCHEMES:
        raise Trouble(failure(Cause.BAD_SCHEME))
    # Credentials in a URL would leak into logs and to redirects: nobody needs them here.
    named = is_host(parts.hostname or "")
    if not parts.scheme or not named or port == 0 or "@" in parts.netloc:
        raise Trouble(failure(Cause.BAD_URL))
    return parts


def joined(base: str, reference: str) -> str:
    """Where a reference leads from there; Trouble when that is no URL."""
    try:
        target = urljoin(base, reference)
    except ValueError:
        raise Trouble(failure(Cause.BAD_URL)) from None
    check_url(target)
    return target


def led(base: str, reference: str) -> str:
    """As `joined`, where a document says it: it may lead into TLS, but never out of it."""
    target = joined(base, reference)
    if urlsplit(base).scheme == "https" and urlsplit(target).scheme != "https":
        raise Trouble(failure(Cause.BAD_SCHEME))
    return target
