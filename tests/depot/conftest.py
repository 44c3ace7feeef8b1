"""Worlds of the depot: each story of a store is told of a folder and of an S3."""

import pytest

from fumo.depot.main import open_store
from fumo.depot.ports import Store


@pytest.fixture(params=["folder", "s3"])
def where(request, tmp_path) -> tuple:
    """What `open_store` takes: an empty store of either kind."""
    if request.param == "folder":
        return (tmp_path / "depot",)
    running = request.getfixturevalue("s3")
    return running.bucket(), running.settings


@pytest.fixture
def store(where) -> Store:
    """An empty store of either kind."""
    return open_store(*where)
