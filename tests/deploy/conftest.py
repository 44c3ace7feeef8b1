"""What stories of many servers are set in."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.deploy.site import Site
from tests.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One PostgreSQL for all of them."""
    with cluster() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, postgres: Cluster) -> Iterator[Site]:
    """Two servers behind a front; each file has its own."""
    with ExitStack() as ends:
        yield Site(tmp_path_factory.mktemp("site"), postgres, ends)
