"""An agent is made of what is on the machine, also where the machine does not tell everything."""

from pathlib import Path

from fumo.device.edges.aside import NewsClock
from fumo.device.main.building import Equipment
from fumo.device.reading import read
from fumo.testing.machine import Listened


def test_f26_an_agent_that_cannot_tell_its_version_lives(tmp_path: Path):
    """It could neither fall back nor report otherwise."""
    installer = {"install": ["true"], "version_file": str(tmp_path / "missing")}
    table = {
        "device": {"id": "IMEI:1", "state": str(tmp_path / "state")},
        "object": [{"agent": "command", "command": installer}],
    }
    log = Listened()
    equipment = Equipment(read(table).settings, log, NewsClock(), lambda: False)
    with equipment.agent() as agent:
        assert agent.wishes.waiting("./FwUpdate/Primary") is None
    assert len(log.of("VersionUnknown")) == 1
