"""What must notice a mutant: each passes on the program as it is, in a few seconds."""

from tests.mutants.harness import Killer


def stories(name: str, *tests: str) -> Killer:
    """A test file under tests/, or some of its tests."""
    path = f"tests/{name}"
    return Killer("pytest", tuple(f"{path}::{test}" for test in tests) or (path,))


MODEL = Killer("tests.model.check", ("--states", "60000"))
"""The state-space checker, as far as any mutant needs it."""

DISK = Killer("tests.power.journal_disk", ())
"""Power cuts of the journal on a disk that remembers what was synced."""

CUTS = Killer("tests.power.enumeration", ("update",))
"""The power is cut at every event of a whole update, once and twice."""

ORDER = stories("device/test_order_of_writes.py")
HALVES = stories("device/test_journal_halves.py")
RACES = stories("races/test_races.py")
REPLIES = stories("server/test_order_of_writes.py")


def execute(when: str) -> Killer:
    """One cell of the table of a second Exec."""
    return stories("update/test_execute.py", f"test_a_second_exec_gets_what_the_table_says[{when}]")


def update(file: str, test: str) -> Killer:
    """A story of the pure operation."""
    return stories(f"update/{file}", test)


def device(file: str, test: str) -> Killer:
    """A story of the device's edges."""
    return stories(f"device/{file}", test)


def once(test: str) -> Killer:
    """A story of the change request."""
    return stories("device/test_once_only.py", test)


def credentials(test: str) -> Killer:
    """A story of credentials."""
    return stories("dm/test_auth.py", test)


def server(file: str, test: str) -> Killer:
    """A story of the server."""
    return stories(f"server/{file}", test)
