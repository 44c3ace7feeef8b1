"""`python -m tests.model.check --states N`: every configuration, smallest first.

Uses the `fumo` on PYTHONPATH. Exit code 0: all promises kept; 1: one is broken, with the shortest
trace to it.
"""

import argparse
import sys

from tests.model import configs, flaws
from tests.model.search import Found, search


def main(arguments: list[str] | None = None) -> int:
    """Search, print, and say by the exit code whether all promises were kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.model.check", description=__doc__)
    parser.add_argument("--states", type=int, default=500_000, help="visit at most so many")
    parser.add_argument("--config", help="only this one: " + ", ".join(c.name for c in configs.ALL))
    parser.add_argument("--flaw", default="", choices=("", *flaws.FLAWS), help="break the design")
    asked = parser.parse_args(arguments)
    left = asked.states
    for config in configs.ALL:
        if left > 0 and asked.config in (None, config.name):
            found = search(config, left, asked.flaw)
            print(line(found), flush=True)
            if found.broken:
                print(story(found))
                return 1
            left -= found.states
    return 0


def line(found: Found) -> str:
    """One search in one line."""
    how = "all of them" if found.whole else "stopped there"
    return (
        f"{found.config.name:12} {found.states:9,} states {found.transitions:9,} transitions"
        f" {found.took_s:6.1f} s  {found.broken or how}"
    )


def story(found: Found) -> str:
    """The shortest way to what is broken."""
    moves = "\n".join(f"  {n:3} {move}" for n, move in enumerate(found.trace, 1))
    return f"{found.broken}\n{moves}\n      next: what is broken"


if __name__ == "__main__":
    sys.exit(main())
