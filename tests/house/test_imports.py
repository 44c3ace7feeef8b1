"""The import contracts hold, and each of them breaks when a bad import is planted.

The planting is done in a copy of the sources, so that nothing here is ever really bad.
"""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLANTS = {
    "A room imports only from the floors": ("dm/plant.py", "import fumo.tree"),
    "Pure rooms know no clock": ("update/plant.py", "import time"),
    "The device reaches no third-party package": ("device/plant.py", "import tuf"),
    "Only a room's main": ("device/plant.py", "import fumo.device.edges"),
    "No two neighbours import each other": (
        "depot/plant_a.py",
        "import fumo.depot.plant_b",
        "depot/plant_b.py",
        "import fumo.depot.plant_a",
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources and their contracts, to be spoiled."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(folder: Path) -> tuple[int, str]:
    """Judge the imports of a copy: exit code, and what was said."""
    src = str(folder / "src")
    script = f"import sys; sys.path.insert(0, {src!r}); from importlinter.cli import lint_imports; "
    script += "sys.exit(lint_imports(no_cache=True))"
    line = [sys.executable, "-c", script]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_contracts_hold(copy: Path):
    code, said = lint(copy)
    assert code == 0, said


@pytest.mark.parametrize("contract", PLANTS)
def test_a_bad_import_breaks_its_contract(copy: Path, contract: str):
    words = PLANTS[contract]
    for name, line in zip(words[::2], words[1::2], strict=True):
        path = copy / "src/fumo" / name
        path.write_text(f'"""Planted."""\n\n{line}\n')
    code, said = lint(copy)
    broken = [line for line in said.splitlines() if " BROKEN" in line]
    assert code != 0
    assert any(line.startswith(contract) for line in broken), said


def test_a_new_room_is_a_decision(copy: Path):
    (copy / "src/fumo/attic.py").write_text('"""Planted."""\n')
    code, said = lint(copy)
    assert code != 0
    assert "attic" in said


def test_a_pure_room_may_not_reach_a_clock_by_a_third_module(copy: Path):
    (copy / "src/fumo/codes.py").write_text('"""Planted."""\n\nimport json, time\n')
    (copy / "src/fumo/dm/plant.py").write_text('"""Planted."""\n\nimport fumo.codes\n')
    code, said = lint(copy)
    assert code != 0
    assert "fumo.codes -> time" in said


EXTRAS = {"rauc_bus.py": {"jeepney"}, "tuf_repository.py": {"tuf"}}
"""The edges of a device that are for an extra, and what they may load: see .importlinter."""


def outsiders(path: Path) -> set[str]:
    """Top-level packages that a file imports and that a device does not have."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name.split(".")[0] for name in found} - sys.stdlib_module_names - {"fumo", "msgspec"}


@pytest.mark.parametrize(
    "room",
    ["codes.py", "errors.py", "dm", "tree", "update", "dlota", "package", "profiles", "device"],
)
def test_what_a_device_runs_needs_msgspec_only(room: str):
    where = ROOT / "src/fumo" / room
    files = [where] if where.is_file() else sorted(where.rglob("*.py"))
    found = {path.name: outsiders(path) - EXTRAS.get(path.name, set()) for path in files}
    assert {name: out for name, out in found.items() if out} == {}


@pytest.mark.skipif(
    not (ROOT / "src/fumo/cli/device.py").exists(), reason="there is no fumo-device yet"
)
def test_the_light_entry_loads_nothing_heavy():
    script = "import sys, fumo.cli.device; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    heavy = {"click", "rich", "uvicorn", "litestar", "jinja2", "httpx2", "asyncio", "uvloop"}
    extras = {"tuf", "securesystemslib", "cryptography", "urllib3", "bsdiff4", "backports.zstd"}
    assert (heavy | extras | {"jeepney"}) & set(done.stdout.split()) == set()
