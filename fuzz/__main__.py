"""Fuzz all targets, each in a process of its own: `python3 dev.py fuzz [--seconds 30] [TARGET …]`.

Prints executions, seed and commit of each target, and with `--record` writes them into
`fuzz/RESULTS.md`. Exit code 1: something was found; its input is named, and kept.
"""

import argparse
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fuzz.targets import ROOT, TARGETS

RESULTS = ROOT / "fuzz" / "RESULTS.md"
FOUND = ROOT / "fuzz" / "found"
PROCESSES = 2  # the cores that a run may count on
GRACE_S = 60
STATISTICS = re.compile(r"stat::(?:number_of_executed_units|peak_rss_mb):\s*(\d+)")


class Run(NamedTuple):
    """What one target did."""

    name: str
    seed: int
    runs: int
    rss_mib: int
    dearest: float
    trouble: str


def main() -> int:
    """Run, print, record."""
    options = _options()
    names = options.targets or list(TARGETS)
    if unknown := [name for name in names if name not in TARGETS]:
        print(f"no such target: {', '.join(unknown)}; there are: {', '.join(TARGETS)}")
        return 2
    seeds = random.Random(options.seed)  # None: others each time
    numbers = [seeds.randrange(1, 1 << 31) for _ in names]
    with ThreadPoolExecutor(PROCESSES) as pool:
        runs = list(pool.map(lambda n, s: _fuzz(n, s, options.seconds), names, numbers))
    lines = _page(runs, options.seconds)
    print("\n".join(lines))
    if options.record:
        RESULTS.write_text("\n".join(["# The last recorded fuzzing", "", *lines, ""]))
    return 1 if any(run.trouble for run in runs) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=30, help="for each target")
    parser.add_argument("--seed", type=int, help="the same seeds again")
    parser.add_argument("--record", action="store_true", help="write fuzz/RESULTS.md")
    return parser.parse_args()


def _fuzz(name: str, seed: int, seconds: int) -> Run:
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as folder:
        line = [sys.executable, "-m", "fuzz.one", name, str(seconds), str(seed), folder]
        try:
            done = subprocess.run(
                line, cwd=ROOT, capture_output=True, text=True, timeout=seconds + GRACE_S
            )
        except subprocess.TimeoutExpired:
            return Run(name, seed, 0, 0, 0.0, "it did not end")
        trouble = _kept(name, Path(folder), done.stderr) if done.returncode else ""
        dearest = Path(folder, "dearest")
        times = float(dearest.read_text()) if dearest.exists() else 0.0
    runs, rss_mib = (int(n) for n in (*STATISTICS.findall(done.stderr), 0, 0)[:2])
    if not runs and not trouble:
        trouble = "nothing was run"
    return Run(name, seed, runs, rss_mib, times, trouble)


def _kept(name: str, folder: Path, told: str) -> str:
    """Keep the input that was found; the words of the error."""
    FOUND.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.is_file() and path.name != "dearest":
            (FOUND / f"{name}-{path.name}").write_bytes(path.read_bytes())
    words = [line.strip() for line in told.splitlines() if "Error" in line or "ERROR" in line]
    return words[0][:160] if words else "it ended badly"


def _page(runs: list[Run], seconds: int) -> list[str]:
    words = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(words, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    total = sum(run.runs for run in runs)
    head = f"{total:,} executions at commit {commit}, {seconds} s a target."
    columns = "| target | executions | seed | memory, MiB | dearest of its size | found |"
    return [head, "", columns, "|---|---|---|---|---|---|", *map(_row, runs)]


def _row(run: Run) -> str:
    found = run.trouble or "nothing"
    dearest = f"{run.dearest:.1f}x"
    return f"| {run.name} | {run.runs:,} | {run.seed} | {run.rss_mib} | {dearest} | {found} |"


if __name__ == "__main__":
    sys.exit(main())
