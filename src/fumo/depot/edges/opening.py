"""Opens the store that was named, a folder or an S3."""

import os
from pathlib import Path

from fumo.depot.edges.folder import FolderStore
from fumo.depot.edges.s3 import S3Store
from fumo.depot.places import Bucket, S3Settings, from_environment, place
from fumo.depot.ports import Store


def open_store(where: Path | str, s3: S3Settings | None = None) -> Store:
    """`where` as people say it; what `s3` does not say of an S3, the environment may.

    WrongStore or OSError when there is no such store.
    """
    at = where if isinstance(where, Path) else place(where)
    if not isinstance(at, Bucket):
        return FolderStore(at)
    return S3Store(at, from_environment(os.environ, s3 or S3Settings()))
