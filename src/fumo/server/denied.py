"""An order that makes no sense."""

from fumo.errors import FumoError


class Denied(FumoError):
    """The text says why, and what makes sense."""
