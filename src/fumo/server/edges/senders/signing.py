"""Who a sender is to its gateway, and how it proves that by HTTP."""

from base64 import b64encode
from typing import Annotated, TypeAlias

from msgspec import Meta

Secret: TypeAlias = Annotated[str, Meta(extra={"secret": True})]
"""May stand in a file of its own, `<key>_file`; is told by nothing."""
Port: TypeAlias = Annotated[int, Meta(ge=1, le=65_535)]


def basic(user: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
