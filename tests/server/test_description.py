"""The description of the API is true: schemathesis finds nothing, and each example is taken."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fumo.server.edges.rest.examples import EXAMPLES
from tests.server.api import MANY, RANKS, A, Api, bearer

HERE = Path(__file__).parent
ALONE = ("end_session", "set_quota", "revoke_token")
"""They would shut out who asks."""
TOOL = "from schemathesis.cli import schemathesis; schemathesis()"


@pytest.fixture(scope="module")
def told(api: Api) -> dict[str, Any]:
    """The description, of a server that lets in everybody as often as he likes."""
    for quota in api.owner("GET", "/quotas")[1]["items"]:
        assert api.owner("PUT", f"/quotas/{quota['name']}", {"most": MANY})[0] == 200
    document: dict[str, Any] = api.front("GET", "/openapi.json")[1]
    return document


def every(told: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(m, path, one) for path, item in told["paths"].items() for m, one in item.items()]


ORDER = (
    ("/devices", "NewDevice", 201), ("/devices/marks", "Marking", 201),
    ("/imports", "NewDevices", 201), ("/identities", "NewIdentities", 201),
    ("/secrets", "DeviceNamed", 201), ("/bindings", "NewBinding", 201),
    ("/packages", "Package", 201),
    ("/campaigns", "NewCampaign", 201),
    ("/campaigns/1/orders/pause", "Reason", 201), ("/campaigns/1/retry", "Anew", 409),
    ("/notifications", "NewNotice", 409), ("/bootstraps", "NewBootstrap", 201),
    ("/webhooks", "NewWebhook", 201),
    ("/users", "NewUser", 201), ("/tokens", "NewToken", 201), ("/sessions", "NewSession", 201),
)  # fmt: skip
"""A device that neither came nor was bootstrapped cannot be notified, and nothing has failed; all
others are done."""


def test_examples_are_taken(api: Api):
    for path, name, status in ORDER:
        got, said = api.owner("POST", path, EXAMPLES[name])
        assert got == status, (path, said)


def test_each_route_says_what_it_asks_for_and_what_may_go_wrong(told: dict[str, Any]):
    for _, path, one in every(told):
        errors = {status for status in one["responses"] if status >= "400"}
        assert errors >= {"400", "401", "429", "500"}, path
        for status in errors:
            assert "application/problem+json" in one["responses"][status]["content"], path
        shut = one["operationId"] != "begin_session"
        assert bool(one["security"]) is shut, path
        assert ("403" in errors) is shut, path
        assert not shut or any(f"For {role}s" in one["description"] for role in RANKS), path


def test_each_body_has_an_example(told: dict[str, Any]):
    for _, path, one in every(told):
        content = one.get("requestBody", {}).get("content", {}).get("application/json")
        if content is not None:
            for kind in content["schema"].get("oneOf", [content["schema"]]):
                name = kind.get("$ref", "/").rpartition("/")[2]
                assert name in EXAMPLES or kind == {"type": "null"}, path


def test_a20_schemathesis_finds_nothing(api: Api, told: dict[str, Any], tmp_path: Path):
    host, port = api.process.address
    words = ["--no-color", "--config-file", str(HERE / "schemathesis.toml"), "run"]
    words += [f"http://{host}:{port}/api/v1/openapi.json", "--workers", "1", "--seed", "1"]
    words += ["--request-timeout", "60"]
    asker = {"name": "asker-of-all-questions", "role": A}
    assert api.owner("POST", "/users", asker)[0] == 201
    proof = bearer(api.new_token(asker["name"]))
    words += ["-H", f"Authorization: {proof['Authorization']}", "--continue-on-failure"]
    words += ["--phases", "examples,coverage,fuzzing", "--max-examples", "2"]
    words += [word for name in ALONE for word in ("--exclude-operation-id", name)]
    done = subprocess.run(
        [sys.executable, "-c", TOOL, *words],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert f"Tested: {len(every(told)) - len(ALONE)}" in done.stdout
    assert api.front("GET", "/me", **proof)[0] == 200, "it was shut out while it asked"
