"""A PostgreSQL that may be killed."""

from collections.abc import Iterator

import pytest

from tests.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """Not the one of the other suites."""
    with cluster() as running:
        yield running
