"""Where a store is, as people say it: a folder, or `s3://BUCKET/PREFIX`. Pure.

What an S3 wants to know beside that is never on a command line: it stands in a file, or in the
environment under the names that every S3 tool reads.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from fumo.errors import FumoError

S3_URL = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9_.-]+)*)/?")
VARIABLES = {
    "endpoint": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "access_key_id": ("AWS_ACCESS_KEY_ID",),
    "secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
    "session_token": ("AWS_SESSION_TOKEN",),
    "public_endpoint": ("FUMO_S3_PUBLIC_ENDPOINT",),
}


Secret: TypeAlias = Annotated[str, Meta(extra={"secret": True})]


class WrongStore(FumoError):
    """What was said is no place of a store."""


class S3Settings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How an S3 is reached. `public_endpoint` is what devices are led to, where it is another.

    Its `repr` says no secret.
    """

    endpoint: str = ""
    region: str = ""
    access_key_id: Secret = ""
    secret_access_key: Secret = ""
    session_token: Secret = ""
    public_endpoint: str = ""

    def __repr__(self) -> str:
        """Where it is, and nothing of whose it is."""
        return f"S3Settings(endpoint={self.endpoint!r}, region={self.region!r})"


class Bucket(Struct, frozen=True):
    """A part of an S3."""

    name: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")


def place(said: str) -> Path | Bucket:
    """The folder or bucket; WrongStore when it is neither."""
    if "://" not in said:
        return Path(said)
    parts = S3_URL.fullmatch(said)
    if parts is None or ".." in said:
        raise WrongStore(f"{said!r} is no store: give a folder, or s3://BUCKET/PREFIX")
    return Bucket(parts[1], parts[2].strip("/"))


def from_environment(environment: Mapping[str, str], given: S3Settings) -> S3Settings:
    """What was given, and for the rest what the environment says."""
    return S3Settings(
        **{
            name: getattr(given, name) or _first(environment, names)
            for name, names in VARIABLES.items()
        }
    )


def to_environment(settings: S3Settings) -> dict[str, str]:
    """The variables that tell another process the same."""
    told = {names[0]: getattr(settings, name) for name, names in VARIABLES.items()}
    return {name: value for name, value in told.items() if value}


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")
