#!/usr/bin/env python3
"""The one door for working on Fumo: makes `.venv` from the hashed locks, then runs something in it.

    python3 dev.py demo [args]     the demonstration, with the runtime packages only
    python3 dev.py test [args]     the test suite, on two processes; or what the args tell pytest
    python3 dev.py check           ruff, mypy --strict, the import contracts
    python3 dev.py bench codec     speed beside peers, written into bench/RESULTS.md (--gate judges)
    python3 dev.py bench download  processor time beside what a download cannot do without
    python3 dev.py bench campaign  a campaign for a million devices beside one bare INSERT … SELECT
    python3 dev.py bench fleet     what a message costs real servers, beside a bare echo
    python3 dev.py bench depot     what a gigabyte costs the depot, beside nginx
    python3 dev.py cover           the branches of dm and tree: all of them, or it fails
    python3 dev.py fuzz [args]     coverage-guided fuzzing of all that strangers may send
    python3 dev.py lock            makes requirements/*.txt anew from pyproject.toml
    python3 dev.py TOOL [args]     any program of the environment: fumo, pytest, mypy, python ...

Needs Python 3.11 or newer and nothing else. Says nothing once the environment is made. Never
installs a package whose hash is not in a lock, and never touches the system's own packages.
"""

import sys

if sys.version_info < (3, 11):  # before any syntax that an older Python could not read
    sys.exit(
        "dev.py: Fumo needs Python 3.11 or newer, and this is %d.%d (%s).\n"
        "Start it with a newer one, for example: python3.11 dev.py %s"
        % (sys.version_info[0], sys.version_info[1], sys.executable, " ".join(sys.argv[1:]))
    )

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
STAMP = VENV / "fumo-stamp.json"
GROUPS = ("runtime", "test", "image", "fuzz", "tools")
IMAGE = tuple(f"--extra={name}" for name in ("server", "s3", "push", "qr", "tuf", "delta"))
"""What a container of a server has: deploy/Containerfile."""
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in GROUPS}
SPREAD = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
"""The whole suite on two processes; a file stays in one, so that what it shares is made once."""
CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check", "--quiet"),
    ("mypy", "--no-error-summary"),
    ("lint-imports", "--no-logo"),
)


def main(words: Sequence[str]) -> int:
    """Run what the words ask for; the result is the process's exit code."""
    if not words or words[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    command, *args = words
    if command == "lock":
        return remake_locks()
    ready("runtime" if command in ("demo", "fumo") else "test")
    if command == "fuzz":
        ready("fuzz")
    if command == "check":
        return check()
    if command == "demo":
        return become("fumo", "demo", *args)
    if command == "test":
        return test(args)
    if command == "cover":
        return cover()
    if command in ("bench", "fuzz"):
        os.chdir(ROOT)
        return become("python", "-m", command, *args)
    return become(command, *args)


def check() -> int:
    """Run every check, also after one has failed, so that one run shows all there is to mend."""
    failed = [" ".join(words) for words in CHECKS if subprocess.call(in_venv(*words), cwd=ROOT)]
    if failed:
        print("dev.py check: failed: " + ", ".join(failed), file=sys.stderr)
    return 1 if failed else 0


def test(args: Sequence[str]) -> int:
    """The suite; in CI the gate of coverage, the short fuzzing and the benchmark follow."""
    in_ci = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    if args or not in_ci:
        return become("pytest", *(args or SPREAD))
    ready("fuzz")
    if code := subprocess.call(in_venv("pytest", *SPREAD), cwd=ROOT):
        return code
    # One after the other: fuzzing weighs what an input costs, beside nothing else.
    codes = [cover(), subprocess.call(in_venv("python", "-m", "fuzz"), cwd=ROOT)]
    # Alone and last, since they measure. Speed is told, not judged: a busy machine is no failure.
    told = ("--rounds", "5", "--out", os.devnull)
    for what in ("codec", "download", "fleet"):
        codes.append(subprocess.call(in_venv("python", "-m", "bench", what, *told), cwd=ROOT))
    return next((code for code in codes if code), 0)


def cover() -> int:
    """Run the suites of `dm` and `tree` for their branches; what is reached nowhere is named."""
    suites = ("tests/dm", "tests/tree")
    run = in_venv("coverage", "run", "-m", "pytest", "-q", *suites)
    rooms = ",".join(f"src/fumo/{room}/*" for room in ("dm", "tree"))
    form = ("--skip-covered", "--show-missing", "--fail-under=100", f"--include={rooms}")
    report = in_venv("coverage", "report", *form)
    return subprocess.call(run, cwd=ROOT) or subprocess.call(report, cwd=ROOT)


def become(*words: str) -> int:
    """Put the program in this process's place, so that signals and exit codes are its own."""
    line = in_venv(*words)
    if not Path(line[0]).exists():
        print(f"dev.py: the environment has no program '{words[0]}'", file=sys.stderr)
        return 2
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    sys.stdout.flush()
    os.execv(line[0], line)


def in_venv(name: str, *args: str) -> list[str]:
    """Command line of a program of the environment."""
    return [str(VENV / "bin" / name), *args]


# --- the environment -------------------------------------------------------------------------


def ready(group: str) -> None:
    """Make or mend the environment until it holds the group's lock and this project."""
    if is_ready(group):
        return
    with alone():
        if is_ready(group):  # another run has made it while we waited
            return
        have, want = stamp(), wanted()
        if any(have.get(key) != want[key] for key in have if key != "project"):
            have = {}
        if not have:
            say("making .venv")
            make_venv()
            have = {"python": want["python"]}
        if group not in have:
            say(f"installing the {group} packages")
            install("--require-hashes", "-r", str(LOCKS[group]))
            have[group] = want[group]
        if have.get("project") != want["project"]:
            install("--no-deps", "--no-build-isolation", "-e", str(ROOT))
            have["project"] = want["project"]
        STAMP.write_text(json.dumps(have))


def is_ready(group: str) -> bool:
    """Whether the stamp says that the environment holds what this group needs now."""
    have, want = stamp(), wanted()
    same = all(have.get(key) == want[key] for key in have)
    enough = group in have or (group == "runtime" and "test" in have)
    return same and "project" in have and enough


def stamp() -> dict[str, str]:
    """What the environment was made from; empty when there is none."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def wanted() -> dict[str, str]:
    """What an environment made now would be made from."""
    return {
        "python": f"{sys.version} {sys.base_prefix} {ROOT}",
        "runtime": digest(LOCKS["runtime"]),
        "test": digest(LOCKS["test"]),
        "fuzz": digest(LOCKS["fuzz"]),
        "project": digest(ROOT / "pyproject.toml"),
    }


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one run at a time change the environment."""
    with (ROOT / ".venv.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_venv() -> None:
    """An empty environment; by uv where this Python comes without ensurepip (Debian's often)."""
    shutil.rmtree(VENV, ignore_errors=True)
    if importlib.util.find_spec("ensurepip"):
        run(sys.executable, "-m", "venv", str(VENV))
    else:
        run(uv(), "venv", "--quiet", "--python", sys.executable, str(VENV))


def install(*what: str) -> None:
    """Install into the environment, with its own pip or with uv when it has none."""
    python = str(VENV / "bin" / "python")
    if (VENV / "bin" / "pip").exists():
        quiet = ("-qq", "--disable-pip-version-check", "--no-input")
        run(python, "-m", "pip", "install", *quiet, *what)
    else:
        run(uv(), "pip", "install", "--quiet", "--python", python, *what)


def uv() -> str:
    """The pinned uv, put beside the project, since `--target` is open on a managed Python."""
    program = TOOLS / "bin" / "uv"
    if not program.exists():
        if not importlib.util.find_spec("pip"):
            sys.exit("dev.py: this Python has neither ensurepip nor pip; install python3-venv")
        lock = ("--require-hashes", "-r", str(LOCKS["tools"]))
        run(sys.executable, "-m", "pip", "install", "-qq", "--target", str(TOOLS), *lock)
    return str(program)


# --- the locks -------------------------------------------------------------------------------


def remake_locks() -> int:
    """Resolve pyproject.toml; the locks name versions and hashes, never where they lie.

    A version that stands there stays while it fits. Delete a lock to have the newest of all.
    """
    build = "requirements/build.in"
    resolve("tools", "requirements/tools.in")
    resolve("runtime", "pyproject.toml", build, "--extra", "server")
    resolve("test", "pyproject.toml", build, "--extra", "dev", "-c", "requirements/runtime.txt")
    resolve("image", "pyproject.toml", build, *IMAGE, "-c", "requirements/test.txt")
    resolve("fuzz", "requirements/fuzz.in")
    if any("://" in LOCKS[name].read_text() for name in LOCKS):
        sys.exit("dev.py lock: an address got into a lock")
    return 0


def resolve(name: str, *sources: str) -> None:
    """Write one lock, good for every platform and Python that the project allows."""
    form = ("--universal", "--generate-hashes", "--no-header")
    out = ("--no-annotate", "--quiet", "-o", str(LOCKS[name].relative_to(ROOT)))
    run(uv(), "pip", "compile", *sources, *form, *out)


def say(text: str) -> None:
    """Tell on stderr what takes long, so that stdout stays the program's own."""
    print(f"dev.py: {text} ...", file=sys.stderr, flush=True)


def run(*words: str) -> None:
    """Run one step; the first that fails ends it all with its own words and exit code."""
    done = subprocess.run(words, cwd=ROOT, stdout=sys.stderr)
    if done.returncode:
        sys.exit(f"dev.py: failed ({done.returncode}): {' '.join(words)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
