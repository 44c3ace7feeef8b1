"""Why nobody vouches for a package, on its way up from where it was noticed. Stays in the edges."""

from fumo.update.failures import Cause, failure


class Doubt(Exception):
    """The failure that the operation will know; the text is for people."""

    def __init__(self, cause: Cause, why: str) -> None:
        """`cause` is declared in `fumo.update.failures`."""
        super().__init__(why)
        self.failure = failure(cause)


class Expired(Doubt):
    """Metadata that was good once; with the timestamp keys of the newest root that is known."""

    def __init__(self, why: str, timestamp_keys: tuple[str, ...]) -> None:
        """`why` names the role."""
        super().__init__(Cause.EXPIRED, why)
        self.timestamp_keys = timestamp_keys
