"""`python -m tests.mutants.home MODULE ARGS`: runs a module, but only on the copy it stands in.

A killer that would try the installed program instead of the copy kills nothing, and a survivor
would look killed by accident. So it does not even start.
"""

import runpy
import sys
from pathlib import Path

import fumo

NOT_AT_HOME = 70


def strangers() -> list[str]:
    """Modules that are not of the folder we run in."""
    here = Path.cwd().resolve()
    places = {"fumo": fumo.__file__, "tests": __file__}
    return [
        f"{name} is {place}, not of {here}"
        for name, place in places.items()
        if not Path(place or "/").resolve().is_relative_to(here)
    ]


def main(module: str, *arguments: str) -> None:
    """Become the module."""
    if found := strangers():
        print(*found, sep="\n")
        sys.exit(NOT_AT_HOME)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
