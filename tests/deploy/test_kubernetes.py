"""The manifests: their form, and that what one names the other has."""

import os
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner

from fumo.cli.group import fumo
from fumo.cli.serve import main as serve

DEPLOY = Path(__file__).parents[2] / "deploy"
FOLDER = DEPLOY / "kubernetes"
MADE: list[dict[str, Any]] = [
    one for path in sorted(FOLDER.glob("*.yaml")) for one in yaml.safe_load_all(path.read_text())
]


def of(kind: str, name: str = "fumo") -> dict[str, Any]:
    [found] = [one for one in MADE if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


POD: dict[str, Any] = of("Deployment")["spec"]["template"]["spec"]
UPGRADE: dict[str, Any] = of("Job", "fumo-upgrade")["spec"]["template"]["spec"]
[SERVER] = POD["containers"]


@pytest.mark.parametrize(
    "made", MADE, ids=lambda made: f"{made['kind']}/{made['metadata']['name']}"
)
def test_each_is_of_the_form_that_kubernetes_wants(made: dict[str, Any]):
    kubernetes_validate.validate(made, kubernetes_validate.latest_version(), strict=True)


def test_there_are_two_servers_and_one_may_go():
    deployment, budget = of("Deployment"), of("PodDisruptionBudget")
    assert deployment["spec"]["replicas"] == 2
    assert budget["spec"]["minAvailable"] == 1
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        budget["spec"]["selector"]["matchLabels"],
        of("Service")["spec"]["selector"],
    ):
        assert selector.items() <= labels.items()
    assert (
        not of("Service")["spec"]["selector"].items()
        <= of("Job", "fumo-upgrade")["spec"]["template"]["metadata"]["labels"].items()
    )


def test_ports_and_probes_are_those_of_the_settings():
    text = of("ConfigMap", "fumo-settings")["data"]["server.toml"]
    ports = {one["name"]: one["containerPort"] for one in SERVER["ports"]}
    assert re.search(rf'^listen = ".*:{ports["http"]}"$', text, re.M)
    assert re.search(rf'^depot_listen = ".*:{ports["packages"]}"$', text, re.M)
    assert {one["targetPort"] for one in of("Service")["spec"]["ports"]} == set(ports)
    probed = {
        name: SERVER[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")
    }
    assert {one["port"] for one in probed.values()} == {"http"}
    assert [one["path"] for one in probed.values()] == ["/healthz", "/healthz", "/readyz"]
    grace = re.search(r"^grace = (\d+)$", text, re.M)
    assert grace is not None
    seen_s = (
        SERVER["readinessProbe"]["periodSeconds"] * SERVER["readinessProbe"]["failureThreshold"]
    )
    assert seen_s < int(grace[1]) < POD["terminationGracePeriodSeconds"] - 20


@pytest.mark.parametrize("pod", [POD, UPGRADE], ids=["server", "upgrade"])
def test_pods_have_no_more_rights_than_they_need(pod: dict[str, Any]):
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in container["resources"]["limits"]
    mounted = {one["name"] for one in container["volumeMounts"]}
    assert mounted == {one["name"] for one in pod["volumes"]}


def test_no_secret_is_in_them():
    assert not [one for one in MADE if one["kind"] == "Secret"]
    for path in FOLDER.glob("*.yaml"):
        assert not re.search(r"(password|secret_access_key)\s*[:=]", path.read_text())


def test_what_runs_is_a_command_of_ours_and_takes_its_settings(tmp_path: Path):
    command, option, _ = SERVER["args"]
    assert command == "serve"
    assert option in {word for one in serve.params for word in one.opts}
    [upgrade] = UPGRADE["containers"]
    assert upgrade["args"][:2] == ["db", "upgrade"]
    text = of("ConfigMap", "fumo-settings")["data"]["server.toml"]
    for name in ("s3-access-key-id", "s3-secret-access-key"):
        (tmp_path / name).write_text("x")
    file = tmp_path / "server.toml"
    file.write_text(text.replace("/run/secrets/fumo", str(tmp_path)))
    done = CliRunner().invoke(fumo, ["config", "show", "--config", str(file)], env=dict(os.environ))
    assert done.exit_code == 0, done.output
