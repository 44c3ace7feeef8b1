"""The container file: what it takes is there, what it starts is ours, and it is nobody's root."""

import re
import shlex
from pathlib import Path

import pytest

from fumo.cli.serve import main as serve
from tests.deploy.containerfile import Instruction, parse

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "Containerfile"
PARSED = parse(FILE.read_text())


def given(word: str, stage: int | None = None) -> list[Instruction]:
    return [one for one in PARSED if one.word == word and stage in (None, one.stage)]


def test_what_it_copies_is_there_and_let_in():
    ignored = (FILE.parent / "Containerfile.dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copied = [one.words() for one in given("COPY") if "--from=build" not in one.rest]
    sources = {source for *words, _ in copied for source in words}
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert sources == let_in


def test_it_is_of_images_that_are_said_from_outside():
    defaults = dict(one.rest.split("=", 1) for one in given("ARG", 0))
    for one in given("FROM"):
        variable = re.fullmatch(r"\$\{(\w+)\}(?: AS \w+)?", one.rest)
        assert variable is not None, one
        image, _, version = defaults[variable[1]].partition(":")
        assert image
        assert version not in ("", "latest")


def test_all_that_it_installs_is_locked():
    lines = [shlex.split(one.rest) for one in given("RUN") if "pip" in one.rest]
    assert len(lines) == 2
    for line in lines:
        assert {"--require-hashes", "--no-deps"} & set(line)
    [lock] = [line[line.index("-r") + 1] for line in lines if "-r" in line]
    text = (ROOT / lock).read_text()
    names = set(re.findall(r"^([a-z0-9-]+)==", text, re.M))
    assert names >= {"asyncpg", "obstore", "tuf", "aiomqtt", "segno", "hatchling", "editables"}
    assert "pytest" not in names
    others = (ROOT / "requirements/test.txt").read_text()
    assert [line for line in re.findall(r"^\S+==\S+", text, re.M) if line not in others] == []


def test_it_is_started_as_nobody_and_stopped_as_it_wants():
    last = max(one.stage for one in PARSED)
    [user] = given("USER", last)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user.rest)
    assert PARSED.index(user) > max(PARSED.index(one) for one in given("RUN", last))
    assert [one.rest for one in given("STOPSIGNAL", last)] == ["SIGTERM"]
    [entry], [start] = given("ENTRYPOINT", last), given("CMD", last)
    assert entry.words() == ["fumo"]
    command, option, _ = start.words()
    assert command == "serve"
    assert option in {word for one in serve.params for word in one.opts}


@pytest.mark.parametrize("text", ["ADD https://x /", "RUNN x", "from x", "CMD"])
def test_what_is_no_instruction_of_ours_is_seen(text: str):
    with pytest.raises(ValueError, match="no instruction"):
        parse(text)
