"""The server's memory: one operation that an operator changes. Each change is one transaction.

The device is locked while its operation is decided on, and its version raised with the change: a
message that was decided on the rows of before loses, and is decided again on these.
"""

from fumo.server.cancelling import Decide
from fumo.server.edges.follow_store import FollowStore
from fumo.server.edges.store import OPERATIONS
from fumo.server.rows import Operation

ONE = f"{OPERATIONS.select}WHERE id = ?1"


class OperationStore(FollowStore):
    """The part of the port Store by which one operation is changed."""

    def change_operation(self, operation_id: int, decide: Decide) -> Operation | None:
        """Decide on an operation that nobody else changes meanwhile; None: there is none."""
        with self.db.transaction():
            found = self.db.rows(ONE, operation_id)
            if not found:
                return None
            self.raise_versions([OPERATIONS.row(found[0]).device_id])
            operation = OPERATIONS.row(self.db.rows(ONE, operation_id)[0])
            turned = decide(operation)
            if turned is None:
                return operation
            # no result comes by an operator's word: one that stands is not written again
            self.db.put(OPERATIONS.changed, [OPERATIONS.cells(turned.operation)])
            self.write_notes([turned.note])
            return turned.operation
