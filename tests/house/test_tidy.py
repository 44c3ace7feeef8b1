"""The house is tidy: small functions, small files, words at the door, links that lead somewhere.

Looks at the files that git tracks, or will track.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FUNCTION_LINES = 50
FILE_LINES = 350

# Written apart, so that this file does not break its own rules.
PLACES = [
    re.compile(pattern)
    for pattern in (
        r"(?<![\w./~-])/(?:home|root|Users|work)/\w",
        r"https?://[\w.-]*" + r"(?:pypi|pythonhosted|npmjs|artifactory|jfrog|nexus)[\w.-]*",
        r"--(?:extra-)?index-" + r"url[ =]",
        r"--find-" + r"links[ =]",
    )
]
BARE_TODO = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def tracked(*patterns: str) -> list[Path]:
    """Files of this project, ignored ones left out."""
    line = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git working tree")
    paths = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def sources() -> list[Path]:
    """The program's own files."""
    return sorted((ROOT / "src").rglob("*.py"))


def texts() -> list[tuple[str, str]]:
    """Every tracked file that is text, by its name."""
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((path.relative_to(ROOT).as_posix(), data.decode("utf-8", "replace")))
    return found


def long_functions(source: str, limit: int) -> list[str]:
    """Names of the functions that are longer than the limit."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > limit]


def places_in(text: str) -> list[str]:
    """What in a text names a place on somebody's machine or a package index."""
    return [hit.group() for place in PLACES for hit in place.finditer(text)]


def links_in(markdown: str) -> list[str]:
    """Local targets of the links and pictures of a page, code left out."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", markdown, flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)", prose)
    return [
        t.split("#")[0] for t in targets if "://" not in t and not t.startswith(("#", "mailto:"))
    ]


def test_functions_are_short():
    long = [(p.name, f) for p in sources() for f in long_functions(p.read_text(), FUNCTION_LINES)]
    assert long == []


def test_files_are_short():
    lengths = {p.relative_to(ROOT).as_posix(): len(p.read_text().splitlines()) for p in sources()}
    assert {name: n for name, n in lengths.items() if n > FILE_LINES} == {}


def test_every_module_says_what_it_is():
    silent = [p for p in sources() if not ast.get_docstring(ast.parse(p.read_text()))]
    assert [p.relative_to(ROOT).as_posix() for p in silent] == []


def test_no_file_names_a_place_on_a_machine_or_an_index():
    assert {name: hits for name, text in texts() if (hits := places_in(text))} == {}


def test_nothing_is_left_for_later_without_a_place():
    assert [name for name, text in texts() if BARE_TODO.search(text)] == []


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in tracked("*.md")
        for target in links_in(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_rules_see_what_they_forbid():
    assert long_functions("def f():\n" + "    x\n" * 3, 3) == ["f"]
    assert places_in("see /" + "home/me/x") != []
    assert places_in("--index-" + "url https://example") != []
    assert places_in("GET /api/v1/operations, ./ro" + "ot/x, /tmp") == []
    assert links_in("[a](b.md#c) `[x](y)` ![p](d/p.png) [w](https://w)") == ["b.md", "d/p.png"]
    assert BARE_TODO.search("# TO" + "DO: later")
