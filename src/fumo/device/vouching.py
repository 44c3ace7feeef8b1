"""Trust, put where packages come in: before a download, and before PkgData is installed.

`PlainTrust` stands here, for servers that sign nothing; whoever signs is believed by
`fumo.device.edges.tuf_trust`.
"""

from collections.abc import Callable

from msgspec.structs import replace

from fumo.device.around import Around
from fumo.device.pointer import read_pointer
from fumo.device.ports import Trust, UpdateAgent
from fumo.package.fitness import Device
from fumo.package.plan import UNVOUCHED, Plan
from fumo.update.failures import Cause, failure
from fumo.update.happening import Failed, Happening
from fumo.update.operation import Failure, Held, Order, Target


class PlainTrust:
    """Implements `Trust` for servers that sign nothing: whoever may order is believed.

    A digest in PkgURL (`#sha256=`) binds the file, whatever serves it; without one a package is
    held against its own manifest alone, and a foreign file, where those are allowed, against
    nothing.
    """

    def vouch(self, order: Order, device: Device) -> Plan | Failure:
        """The digest that the server told, if it did."""
        pointer = read_pointer(order.url or "")
        return failure(Cause.BAD_URL) if pointer.malformed else Plan(sha256=pointer.sha256)

    def vouch_held(self, held: Held, device: Device) -> Plan | Failure:
        """It came in a session whose server had proved itself: that is all there is."""
        return UNVOUCHED


def voucher(trust: Trust, device: Callable[[], Device]) -> Callable[[Order], Plan | Failure]:
    """What a downloader asks before it fetches; `device` is looked at anew each time. OSError."""

    def vouch(order: Order) -> Plan | Failure:
        try:
            return trust.vouch(order, device())
        except OSError:
            return failure(Cause.READ_ERROR)

    return vouch


class Vouched(Around):
    """Implements `UpdateAgent`: one that takes what is held only if it is vouched for.

    That was done before the first byte of a download came; it never was for PkgData, nor for
    what was put here before there was a trust.
    """

    def __init__(self, inner: UpdateAgent, trust: Trust) -> None:
        """`inner` does everything else."""
        super().__init__(inner)
        self._trust = trust

    def prepare(self, order: Order, target: Target) -> Happening:
        """As the inner one does, with the manifest that was signed."""
        held = target.held
        if held is None:
            return super().prepare(order, target)
        try:
            plan = self._trust.vouch_held(held, self.device())
        except OSError:
            return Failed(order.op_id, failure(Cause.READ_ERROR))
        if isinstance(plan, Failure):
            return Failed(order.op_id, plan)
        signed = replace(held, manifest=plan.manifest or held.manifest)
        return super().prepare(order, replace(target, held=signed))
