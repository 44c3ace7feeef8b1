"""The annotated file of settings: it can be read, and it names every setting with its default."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from fumo.cli.group import fumo
from fumo.cli.serve_file import SERVE
from fumo.cli.serve_sections import SECTIONS
from fumo.device.coherence import incoherent
from fumo.device.reading import Told, leaves, parse_toml, read
from fumo.device.settings import Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "examples/fumo-device.toml"
DEFAULT = re.compile(r"^#(?=[a-z_]+ = |\[)", re.M)


def told(text: str) -> Told:
    return read(parse_toml(text, FILE.name), FILE.name)


def of_an_agent(path: str) -> bool:
    """A table of one update agent's own, which has an example of its own."""
    return path.startswith("object[0].") and path.count(".") > 1


def test_the_example_is_that_of_a_device_that_can_run():
    settings = told(FILE.read_text()).settings
    assert list(incoherent(settings)) == []


def test_it_names_every_setting_and_says_the_defaults():
    as_it_is, whole = told(FILE.read_text()), told(DEFAULT.sub("", FILE.read_text()))
    named = {path for path, origin in whole.origins.items() if origin == FILE.name}
    assert {path for path, _, _ in leaves(Settings()) if not of_an_agent(path)} - named == set()
    defaults = {path: value for path, value, _ in leaves(Settings())}
    said = {path: value for path, value, _ in leaves(whole.settings)}
    commented = named - set(as_it_is.origins)
    assert {path: said[path] for path in commented} == {path: defaults[path] for path in commented}


@pytest.mark.parametrize("name", ["rauc", "swupdate"])
def test_the_examples_of_installers_are_those_of_devices_that_can_run(name: str):
    settings = told((ROOT / f"examples/{name}.toml").read_text()).settings
    assert list(incoherent(settings)) == []
    assert [section.agent for section in settings.object] == [name]


@pytest.mark.parametrize("name", ["rauc", "swupdate"])
def test_they_name_every_setting_of_their_own_and_say_the_defaults(name: str):
    text, own = (ROOT / f"examples/{name}.toml").read_text(), f"object[0].{name}."
    as_it_is, whole = told(text), told(DEFAULT.sub("", text))
    defaults = {path: value for path, value, _ in leaves(Settings()) if path.startswith(own)}
    said = {path: value for path, value, _ in leaves(whole.settings) if path.startswith(own)}
    named = {path for path, origin in whole.origins.items() if origin == FILE.name}
    commented = named - set(as_it_is.origins)
    assert set(defaults) - named == set()
    assert {path: said[path] for path in commented} == {path: defaults[path] for path in commented}


@pytest.mark.parametrize("name", ["rauc", "swupdate"])
def test_what_an_installer_lacks_is_told(name: str):
    text = (ROOT / f"examples/{name}.toml").read_text()
    lacking = re.sub(r"(?m)^reboot = .*$", "", text).replace('select = "stable,copy-b"', "")
    flaws = [path for path, _ in incoherent(told(lacking).settings)]
    wanted = ["device.reboot", "object[0].swupdate.b.select"]
    assert flaws == wanted[: 2 if name == "swupdate" else 1]


def blocks() -> list[tuple[str, str]]:
    """The settings that pages show, each with its page."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    found = [
        (page.stem, re.findall(r"```toml\n(.*?)```", page.read_text(), re.S)) for page in pages
    ]
    return [(name, block) for name, several in found for block in several]


def of_a_server(block: str) -> bool:
    """The settings of `fumo serve`, which is the other program with a file."""
    return not {SERVE, *SECTIONS}.isdisjoint(parse_toml(block, ""))


@pytest.mark.parametrize(("page", "block"), [one for one in blocks() if not of_a_server(one[1])])
def test_the_settings_on_a_page_can_be_read(page: str, block: str):
    assert told(block).origins


@pytest.mark.parametrize(("page", "block"), [one for one in blocks() if of_a_server(one[1])])
def test_the_settings_of_a_server_on_a_page_can_be_read(page: str, block: str, tmp_path: Path):
    secret, file = tmp_path / "secret", tmp_path / "server.toml"
    secret.write_text("secret-1")
    file.write_text(re.sub(r'"/run/secrets/[^"]*"', f'"{secret}"', block))
    done = CliRunner().invoke(fumo, ["config", "show", "--origin", "--config", str(file)])
    assert done.exit_code == 0, done.output
    assert str(file) in done.stdout


def test_the_page_of_operating_has_some():
    assert "run-a-device" in dict(blocks())
