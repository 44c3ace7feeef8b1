"""`fumo`: quick to help, imports a command only when it is called."""

import subprocess
import sys
from importlib.metadata import version

import click
from click.testing import CliRunner

from fumo.cli.group import COMMANDS, Row, fumo, is_there, load, plain

QUIET = "import sys; import {0}; sys.exit(any(name in sys.modules for name in {1!r}))"
HEAVY = ("litestar", "uvicorn", "rich", "sqlite3", "fumo.dm", "fumo.server", "asyncio")


def help_says() -> str:
    """What `fumo --help` prints."""
    result = CliRunner().invoke(fumo, ["--help"])
    assert result.exit_code == 0
    return result.stdout


def test_help_shows_what_is_there():
    shown = help_says()
    assert "decode" in shown
    for name, row in COMMANDS.items():
        assert (row.says in shown) == is_there(row), name


def test_a_row_whose_module_is_not_there_hurts_nobody():
    assert not is_there(Row("fumo.cli.nowhere:main", "Never."))


def test_an_unknown_command_is_said_to_be_unknown():
    result = CliRunner().invoke(fumo, ["fly"])
    assert result.exit_code == 2
    assert "No such command 'fly'" in result.stderr


def test_the_version_is_the_distributions():
    assert version("fumo") in CliRunner().invoke(fumo, ["--version"]).stdout


def test_a_plain_function_reads_its_own_words():
    heard: list[list[str]] = []

    def run(words: list[str]) -> int:
        heard.append(words)
        return 3

    words = ["run", "--help", "--state", "x", "--", "-y"]
    result = CliRunner().invoke(plain("device", run), words)
    assert (result.exit_code, heard) == (3, [words])


def test_a_click_command_is_taken_as_it_is():
    assert isinstance(load("decode", COMMANDS["decode"]), click.Command)


def is_quiet(module: str, forbidden: tuple[str, ...]) -> bool:
    """Whether importing a module leaves the others alone."""
    line = QUIET.format(module, forbidden)
    return subprocess.run([sys.executable, "-c", line], check=False).returncode == 0


def test_the_group_imports_nothing_heavy():
    assert is_quiet("fumo.cli.group", HEAVY)


def test_the_package_imports_no_click():
    assert is_quiet("fumo.cli", ("click", *HEAVY))
