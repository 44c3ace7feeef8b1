"""What making deltas may cost, as `[deltas]` of a server's file says it. Pure."""

from typing import Annotated

from msgspec import Meta, Struct

from fumo.package.delta import WORTH_PERCENT

MIB = 1 << 20


class Limits(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`make`: are any made in the background? One that is not below `worth_percent` is not kept.

    The process that makes one ends at `memory_mib`, and after `seconds`; `nice` says how far it
    stands back behind everybody else. `level` is zstd's.
    """

    make: bool = True
    memory_mib: Annotated[int, Meta(ge=64)] = 2048
    seconds: Annotated[int, Meta(ge=1, le=86_400)] = 900
    nice: Annotated[int, Meta(ge=0, le=19)] = 15
    level: Annotated[int, Meta(ge=1, le=19)] = 12
    worth_percent: Annotated[int, Meta(ge=1, le=100)] = WORTH_PERCENT

    @property
    def memory_bytes(self) -> int:
        """The same in bytes."""
        return self.memory_mib * MIB
