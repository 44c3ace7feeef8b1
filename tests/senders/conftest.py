"""Counterparts, each started once."""

from collections.abc import Iterator

import pytest

from tests.senders.kannel import Kannel, kannel
from tests.senders.mosquitto import Broker, broker
from tests.senders.smsc import Smsc, smsc


@pytest.fixture(scope="module")
def center_of_kannel() -> Iterator[Smsc]:
    with smsc() as one:
        yield one


@pytest.fixture(scope="module")
def gateway(center_of_kannel: Smsc) -> Iterator[Kannel]:
    with kannel(center_of_kannel) as one:
        yield one


@pytest.fixture
def mosquitto() -> Iterator[Broker]:
    with broker() as one:
        yield one
