"""Who vouches for packages, out of settings."""

import ssl
from pathlib import Path

from fumo.device.edges.metadata_source import HttpGet
from fumo.device.edges.tuf_trust import TufTrust
from fumo.device.ports import Log, Trust
from fumo.device.settings import Settings
from fumo.device.vouching import PlainTrust


def trust_of(settings: Settings, log: Log, tls: ssl.SSLContext | None) -> Trust:
    """One for all objects, since what was seen must be remembered together.

    OSError: a file cannot be read, or the extra is not installed. `tls` is as for packages.
    """
    section = settings.trust
    if not section.metadata_url:
        return PlainTrust()
    folder = Path(settings.device.state) / "trust"
    root = Path(section.root).read_bytes()
    return TufTrust(folder, section.metadata_url, root, log, get=HttpGet(tls))
