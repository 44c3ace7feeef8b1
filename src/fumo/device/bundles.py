"""What a maker tells of the installers RAUC and SWUpdate, which bring their own bundles. Pure.

For the update agents `rauc` and `swupdate`. Programs are lists of words, never run by a shell.
"""

from typing import Annotated

from msgspec import Meta, Struct

from fumo.device.installer import Limit, Words

CMDLINE = "/proc/cmdline"


class Rauc(Struct, frozen=True):
    """`[object.rauc]`: RAUC's service, which must have `activate-installed=false`.

    `bus` is "system", "session" or a D-Bus address. A machine as its maker leaves it has installed
    no bundle yet: it runs `factory_version`. RAUC may be away for `patience_s` and busy for
    `install_s`. `boot_id_file` holds another text after each start of the machine, where the kernel
    does not tell it apart (in a container).
    """

    bus: Annotated[str, Meta(min_length=1)] = "system"
    factory_version: Annotated[str, Meta(min_length=1)] = "0"
    install_s: Limit = 1800.0
    patience_s: Limit = 300.0
    boot_id_file: str = ""
    read_back: bool = True
    """A raw slot is read again after it was written; for that its device must be seen."""


class Copy(Struct, frozen=True):
    """`[object.swupdate.a]` and `.b`: the two slots, which the boot environment names so.

    SWUpdate's `-e` chooses one by `select` (like "stable,copy-a"); `device` is where its bytes can
    be read back.
    """

    select: str = ""
    device: str = ""


class Swupdate(Struct, frozen=True):
    """`[object.swupdate]`: SWUpdate as a program, and U-Boot's environment by libubootenv.

    `command` is followed by `-i FILE -e SELECT`. The slot that runs is told by `running_file`,
    which holds `running_key=NAME` among its words, as a kernel's command line does.
    """

    a: Copy = Copy()
    b: Copy = Copy()
    command: Words = ("swupdate",)
    read_env: Words = ("fw_printenv",)
    write_env: Words = ("fw_setenv",)
    running_file: str = CMDLINE
    running_key: Annotated[str, Meta(pattern="^[A-Za-z0-9_.-]+$")] = "fumo.slot"
    factory_version: Annotated[str, Meta(min_length=1)] = "0"
    install_s: Limit = 1800.0

    @property
    def copies(self) -> dict[str, Copy]:
        """By name."""
        return {"a": self.a, "b": self.b}
