"""Events on each database that a server can use."""

from tests.server.conftest import device, postgres, where, world

__all__ = ["device", "postgres", "where", "world"]
