"""What a maker tells of an installer of his own: programs, and what exit codes mean. Pure.

For the update agent `command`. Programs are lists of words, never run by a shell.
"""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

Words: TypeAlias = tuple[str, ...]
ExitCode: TypeAlias = Annotated[int, Meta(ge=0, le=255)]
Limit: TypeAlias = Annotated[float, Meta(gt=0, lt=1e6)]


class Installer(Struct, frozen=True):
    """`[object.command]`: `install` gets the image on its standard input, and is run once at most.

    `version` tells the version that runs; without it `version_file` holds it. The others may be
    missing: `evidence` tells what it sees of an install (a word of `docs/howto`), `health` whether
    the new image is well, `mark_good` commits to it, `abort` undoes what was begun.
    The lists of exit codes are those of `install`; whatever they do not name failed (410).
    """

    install: Words = ()
    version: Words = ()
    version_file: str = ""
    evidence: Words = ()
    health: Words = ()
    mark_good: Words = ()
    abort: Words = ()
    done: tuple[ExitCode, ...] = (0,)
    """Installed, and it runs now."""
    reboot: tuple[ExitCode, ...] = ()
    """Installed, and it runs after the machine started again."""
    untouched: tuple[ExitCode, ...] = ()
    """Nothing was touched, as on a package system that is busy: it may be asked once more."""
    unfit: tuple[ExitCode, ...] = ()
    corrupt: tuple[ExitCode, ...] = ()
    no_space: tuple[ExitCode, ...] = ()
    install_s: Limit = 1800.0
    others_s: Limit = 60.0
    trials_max: Annotated[int, Meta(ge=1, le=20)] = 3
    """Starts of the machine for which an image that is not well is kept before `abort`."""


EXIT_LISTS = ("done", "reboot", "untouched", "unfit", "corrupt", "no_space")
"""The lists of exit codes; a code means one thing."""
