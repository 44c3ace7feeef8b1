"""The compose file: its form, what it names, and that the programs take what they are given."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from fumo.cli.group import fumo
from tests.deploy.front import SHIPPED

DEPLOY = Path(__file__).parents[2] / "deploy"
FILE = DEPLOY / "compose.yaml"
TOLD: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, Any] = TOLD["services"]
SERVERS = ("server-1", "server-2")


def test_it_is_of_the_form_that_compose_wants():
    words = ("-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE))
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_images_are_said_from_outside_and_have_versions():
    for name, service in SERVICES.items():
        image = re.fullmatch(r"\$\{[A-Z]+_IMAGE:-([a-z/]+):([\w.]+)\}", service["image"])
        assert image is not None, name
        assert image[2] != "latest"


def test_files_that_it_names_are_there():
    named = [one["file"] for one in TOLD["configs"].values()]
    assert [name for name in named if not (DEPLOY / name).is_file()] == []
    for service in SERVICES.values():
        configs = {one["source"] for one in service.get("configs", [])}
        assert configs <= set(TOLD["configs"])
        assert set(service.get("secrets", [])) <= set(TOLD["secrets"])
        assert set(service["networks"]) <= set(TOLD["networks"])
        assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_nothing_but_the_front_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert TOLD["networks"]["inside"]["internal"] is True
    assert SERVICES["nginx"]["networks"] == ["front"]
    for name in ("postgres", "s3"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_servers_have_no_more_rights_than_they_need_and_time_to_end():
    for name in (*SERVERS, "upgrade"):
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    grace = re.search(r"^grace = (\d+)$", (DEPLOY / "compose/server.toml").read_text(), re.M)
    assert grace is not None
    assert int(SERVICES["server-1"]["stop_grace_period"].rstrip("s")) >= int(grace[1]) + 20


def test_the_front_asks_both_servers_at_the_ports_where_they_listen():
    text = (DEPLOY / "compose/fumo-upstreams.conf").read_text()
    for upstream, port in (("fumo_servers", 8080), ("fumo_depots", 8081)):
        block = re.search(rf"upstream {upstream} {{(.*?)}}", text, re.S)
        assert block is not None
        assert re.findall(r"server (\S+)", block[1]) == [f"{name}:{port}" for name in SERVERS]
    other = (SHIPPED / "fumo-upstreams.conf").read_text()
    assert set(re.findall(r"upstream \w+", text)) == set(re.findall(r"upstream \w+", other))


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """As the shipped script makes them."""
    line = [str(DEPLOY / "compose/make-secrets.sh"), str(tmp_path / "secrets")]
    subprocess.run(line, check=True, capture_output=True, timeout=30)
    return tmp_path / "secrets"


def test_the_servers_take_their_settings_with_secrets_that_are_made(secrets: Path, tmp_path: Path):
    text = (DEPLOY / "compose/server.toml").read_text()
    path = tmp_path / "server.toml"
    path.write_text(text.replace("/run/secrets", str(secrets)))
    environment = {
        name: value.partition(":-")[2].rstrip("}") if value.startswith("${") else value
        for name, value in SERVICES["server-1"]["environment"].items()
    }
    words = ("config", "show", "-o", "json", "--config", str(path))
    done = CliRunner().invoke(fumo, words, env=environment)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["serve.public_url"]["origin"] == "FUMO_SERVE_PUBLIC_URL"
    assert told["s3.secret_access_key"]["value"] == "***"
    assert (secrets / "s3_secret_access_key").read_text() not in done.output


def test_secrets_are_made_once_and_the_s3_knows_the_servers_key(secrets: Path):
    [identity] = json.loads((secrets / "s3.json").read_text())["identities"]
    assert identity["credentials"] == [
        {
            "accessKey": (secrets / "s3_access_key_id").read_text(),
            "secretKey": (secrets / "s3_secret_access_key").read_text(),
        }
    ]
    assert secrets.stat().st_mode & 0o777 == 0o700
    named = {Path(one["file"]).name for one in TOLD["secrets"].values()}
    assert named == {path.name for path in secrets.iterdir()}
    line = [str(DEPLOY / "compose/make-secrets.sh"), str(secrets)]
    assert subprocess.run(line, capture_output=True, timeout=30).returncode != 0
