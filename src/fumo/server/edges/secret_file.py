"""PostgreSQL's password from a file, PGPASSWORD_FILE: as containers hand secrets over.

PostgreSQL's own ways (PGPASSWORD, PGPASSFILE, the URL) stay what they are, and PGPASSWORD wins.
"""

import os
from pathlib import Path

from fumo.server.edges.database import StoreError

VARIABLE = "PGPASSWORD_FILE"


def password() -> str | None:
    """None: no file was named. StoreError: there is no such file."""
    name = os.environ.get(VARIABLE, "")
    if not name or os.environ.get("PGPASSWORD"):
        return None
    try:
        return Path(name).read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as fault:
        raise StoreError(f"{VARIABLE} {name} cannot be read: {type(fault).__name__}") from fault
