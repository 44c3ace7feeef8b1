"""The update agent `command`: an installer that nobody can look into runs once at most."""

import os
import signal
import sys
import time
from pathlib import Path
from subprocess import DEVNULL, Popen

import msgspec
import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.agent import Ending
from fumo.device.edges import mark
from fumo.device.edges.command_agent import CommandAgent
from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.mark import Stage
from fumo.device.edges.programs import NotStarted, Ran
from fumo.device.installer import Installer
from fumo.package.fitness import Device
from fumo.package.manifest import PREFIX_LENGTH, read_head
from fumo.testing.disk import Cut, Damage, MemoryFiles, Moment, PowerCut
from fumo.testing.machine import Listened
from fumo.testing.world import MODEL, URL, DeviceWorld
from fumo.update.happening import Failed, Inspected, Woke
from fumo.update.operation import Evidence, Intent, Target
from fumo.update.records import fold
from tests.device.downloads import package
from tests.device.machine import NEW, Coins, Machine, held

PACKAGE = package(NEW)
INSTALLER = Installer(
    install=("install",),
    version=("version",),
    reboot=(3,),
    untouched=(75,),
    unfit=(4,),
    corrupt=(5,),
    no_space=(6,),
)


class Maker:
    """The maker's programs: `install` ends as it is told, and brings its version up."""

    def __init__(self, exits=(0,), version_after="2", answers=None):
        self.exits, self.version_after = list(exits), version_after
        self.answers = dict(answers or {})
        self.version = "1"
        self.staged = None
        self.called = []

    def __call__(self, call):
        name = call.words[0]
        if name == "version":
            return Ran(0, self.version)
        self.called.append(name)
        if name != "install":
            return self.answers.get(name, Ran(0))
        code = self.exits.pop(0)
        if isinstance(code, BaseException):
            raise code
        if code == 3:
            self.staged = self.version_after
        elif code == 0:
            self.version = self.version_after
        return Ran(code)

    def boots(self):
        self.version, self.staged = self.staged or self.version, None

    @property
    def installs(self):
        return self.called.count("install")


class CommandMachine(Machine):
    """A machine whose update agent is the maker's installer."""

    def __init__(self, maker=None, installer=INSTALLER, data=PACKAGE, **settings):
        self.maker, self.installer = maker or Maker(), installer
        self.marks, self.log = MemoryFiles(), Listened()
        super().__init__(data, **settings)
        manifest = None if self.raw else data[PREFIX_LENGTH : read_head(data)[1]]
        self.ordered(manifest)

    def starts(self):
        self.maker.boots()
        self.boots += 1
        self.agent = CommandAgent(
            self.installer,
            self.marks,
            self.packages,
            (Path("marks"), Path("packages")),
            Device("lamp", ""),
            f"boot-{self.boots}",
            self.dice,
            self.log,
            self.raw,
            self.maker,
        )
        self.target = fold(self.saved)
        self.happen(Woke(self.boots, 0.0))

    @property
    def mark(self):
        return mark.read(self.marks)


def intent_of(machine) -> Intent:
    return machine.agent.prepare(machine.target.operations[0].order, machine.target).intent


def test_an_installer_that_ends_well_is_a_success():
    machine = CommandMachine()
    machine.works()
    assert machine.results == [200]
    assert machine.maker.installs == 1
    assert machine.mark.stage is Stage.GOOD


def test_an_installer_that_wants_a_start_of_the_machine_is_judged_after_it():
    machine = CommandMachine(Maker([3]))
    machine.works()
    assert machine.results == [200]
    assert (machine.boots, machine.maker.installs) == (2, 1)


def test_an_agent_that_starts_anew_before_the_machine_does_still_waits_for_it():
    machine = CommandMachine(Maker([3]))
    intent = intent_of(machine)
    machine.agent.apply(intent)
    machine.boots -= 1  # the machine is the same, the agent another
    machine.maker.staged, staged = None, machine.maker.staged
    machine.starts()
    assert machine.agent.evidence(intent) is Evidence.FLIPPED
    machine.maker.staged = staged
    machine.starts()
    assert machine.agent.evidence(intent) is Evidence.TRIAL


def test_a_loader_that_fell_back_is_a_failure():
    machine = CommandMachine(Maker([3], version_after="1"))
    machine.works()
    assert machine.results == [410]
    assert machine.maker.installs == 1


@pytest.mark.parametrize(
    ("code", "result"), [(4, 403), (5, 402), (6, 502), (1, 410), (255, 410), (None, 409)]
)
def test_exit_codes_have_their_results(code, result):
    machine = CommandMachine(Maker([code]))
    machine.works()
    assert machine.results == [result]
    assert machine.maker.installs == 1


def test_one_that_touched_nothing_is_asked_again_within_the_budget():
    machine = CommandMachine(Maker([75, 75, 0]))
    machine.works()
    assert machine.results == [200]
    busy = CommandMachine(Maker([75, 75, 75, 0]))
    busy.works()
    assert (busy.results, busy.maker.installs) == ([410], 3)


def test_one_that_was_never_started_is_no_run():
    machine = CommandMachine(Maker([NotStarted("no such file"), 0]))
    machine.works()
    assert machine.results == [200]


def test_what_is_held_is_judged_and_hashed_before_anything_runs():
    wrong = CommandMachine(data=package(NEW, model="kettle"))
    wrong.works()
    rotten = CommandMachine()
    intent = intent_of(rotten)
    rotten.packages.write("package", len(PACKAGE) - 3, b"x")
    assert rotten.agent.apply(intent).failure.result == 402
    short = CommandMachine()
    intent = intent_of(short)
    short.packages.truncate("package", 10)
    assert short.agent.apply(intent).failure.result == 402
    assert wrong.results == [403]
    assert wrong.maker.installs + rotten.maker.installs + short.maker.installs == 0


def test_a_raw_package_is_judged_by_the_version_it_leaves():
    machine = CommandMachine(Maker([3], version_after="whatever"), data=NEW, raw=True)
    machine.works()
    assert machine.results == [200]
    fallen = CommandMachine(Maker([3], version_after="1"), data=NEW, raw=True)
    fallen.works()
    assert fallen.results == [410]


def test_a_version_that_nobody_foresaw_is_unknown():
    machine = CommandMachine(Maker([3], version_after="0.9"))
    machine.works()
    assert machine.results == [409]


def test_an_image_that_is_not_well_is_given_up_after_its_trials():
    answers = {"health": Ran(1)}
    installer = replace(INSTALLER, health=("health",), abort=("abort",))
    machine = CommandMachine(Maker(answers=answers), installer)
    machine.works()
    assert machine.results == [410]
    assert machine.maker.called == ["install", *["health"] * installer.trials_max, "abort"]
    assert machine.mark.stage is Stage.GAVE_UP


def test_the_wrong_version_is_not_well():
    machine = CommandMachine(Maker(version_after="1"))
    machine.works()
    assert machine.results == [410]


def test_without_a_successful_commit_there_is_no_success():
    installer = replace(INSTALLER, mark_good=("mark_good",))
    machine = CommandMachine(Maker(answers={"mark_good": Ran(1)}), installer)
    while not machine.results:
        try:
            machine.works()
        except OSError:
            machine.starts()
    assert machine.results == [410]
    assert machine.maker.called.count("mark_good") == installer.trials_max


def test_there_is_no_way_back_below_the_security_counter():
    machine = CommandMachine(data=package(NEW, security_counter=5))
    machine.works()
    assert machine.mark.security_counter == 5
    older = package(NEW, version="3", security_counter=4)
    target = Target(held=held(older, older[PREFIX_LENGTH : read_head(older)[1]]))
    order = machine.target.operations[0].order
    assert machine.agent.prepare(order, target).failure.result == 405


def test_abort_done_twice_does_no_harm():
    machine = CommandMachine(Maker([3]), replace(INSTALLER, abort=("abort",)))
    intent = intent_of(machine)
    machine.agent.abort(intent)  # nothing was begun
    machine.agent.apply(intent)
    machine.agent.abort(intent)
    machine.agent.abort(intent)
    assert machine.maker.called == ["install", "abort"]
    assert machine.agent.evidence(intent) is Evidence.FELL_BACK


def test_a_program_of_the_maker_may_tell_what_it_sees():
    installer = replace(INSTALLER, evidence=("evidence",))
    for said, seen in [
        (Ran(0, "none"), Evidence.NONE),
        (Ran(0, "good"), Evidence.GOOD),
        (Ran(0, "fellback"), Evidence.FELL_BACK),
        (Ran(0, "written"), Evidence.UNKNOWN),
        (Ran(0, "nonsense"), Evidence.UNKNOWN),
        (Ran(1, "good"), Evidence.UNKNOWN),
        (Ran(None), Evidence.UNKNOWN),
    ]:
        machine = CommandMachine(Maker(answers={"evidence": said}), installer)
        intent = intent_of(machine)
        assert machine.agent.evidence(intent) is Evidence.NONE  # nothing was begun: nobody asks
        mark.write(machine.marks, mark.Mark(intent.token, Stage.BEGUN))
        assert machine.agent.evidence(intent) is seen


class MakersWorld(DeviceWorld):
    """A whole device in memory with the maker's installer."""

    def __init__(self, maker, installer):
        super().__init__()
        self.maker, self.installer, self.marks, self.boots = maker, installer, MemoryFiles(), 0
        self.depot.files[URL] = package(NEW, model=MODEL)
        self.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)

    def boot(self):
        self.maker.boots()
        self.boots += 1

    def update_agent(self):
        folders, device = (Path("marks"), Path("packages")), Device(MODEL, "")
        about = (folders, device, f"boot-{self.boots}", self.dice, self.log, False, self.maker)
        return CommandAgent(self.installer, self.marks, self.files, *about)


@pytest.mark.parametrize(
    ("code", "told", "called"),
    [
        (0, 200, ["install"]),
        (3, 200, ["install"]),
        (4, 403, ["install", "abort"]),
        (1, 410, ["install", "abort"]),
        (None, 409, ["install", "abort"]),
    ],
)
def test_a_whole_device_tells_what_the_installer_said_and_undoes_what_failed(code, told, called):
    maker = Maker([code])
    world = MakersWorld(maker, replace(INSTALLER, abort=("abort",)))
    world.run()
    assert [alert.number for alert in world.server.heard] == [told]
    assert maker.called == called
    assert world.endings.count(Ending.REBOOT) == (1 if code == 3 else 0)


# A cut in the one moment of which nobody knows anything.


@pytest.mark.clause("C16")
def test_f3_a_power_cut_while_it_runs_is_a_failure_and_no_second_run():
    maker = Maker([PowerCut("while it runs"), 0])
    machine = CommandMachine(maker)
    with pytest.raises(PowerCut):
        machine.works()
    machine.starts()
    machine.works()
    assert machine.results == [409]
    assert maker.installs == 1


def test_f3_only_the_makers_evidence_allows_another_run():
    maker = Maker([PowerCut("while it runs"), 0], answers={"evidence": Ran(0, "none")})
    machine = CommandMachine(maker, replace(INSTALLER, evidence=("evidence",)))
    with pytest.raises(PowerCut):
        machine.works()
    machine.starts()
    maker.answers["evidence"] = Ran(0, "none")
    intent = machine.target.operations[0].intent
    assert machine.agent.evidence(intent) is Evidence.NONE
    assert isinstance(machine.agent.apply(intent), Inspected)
    assert maker.installs == 2


def test_f3_while_an_older_run_goes_on_its_mark_stays():
    maker = Maker([PowerCut("of the agent"), NotStarted("an older one still runs"), 0])
    maker.answers["evidence"] = Ran(0, "none")
    machine = CommandMachine(maker, replace(INSTALLER, evidence=("evidence",)))
    with pytest.raises(PowerCut):
        machine.works()
    machine.starts()
    intent = machine.target.operations[0].intent
    assert isinstance(machine.agent.apply(intent), Failed)
    maker.answers["evidence"] = Ran(0, "good")  # the older one has ended meanwhile
    assert machine.agent.evidence(intent) is Evidence.GOOD
    assert machine.agent.apply(intent) == Inspected(1, Evidence.GOOD)
    assert maker.installs == 2  # the one of the agent that was cut, and the one that never began


@pytest.mark.clause("C16")
@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("damage", Damage)
def test_f1_f3_a_cut_at_any_write_of_the_mark_never_makes_a_second_run(moment, damage):
    for code, good in ((0, {200, 409, 410}), (3, {200, 409, 410}), (1, {409, 410})):
        for operation in range(1, 8):
            maker = Maker([code, code, code])
            machine = CommandMachine(maker)
            machine.marks.planned_cut = Cut(operation, moment)
            while not machine.results:
                try:
                    machine.works()
                except PowerCut:
                    machine.marks.cut(damage, operation)
                    machine.starts()
            assert maker.installs <= 1, (code, operation)
            assert set(machine.results) <= good, (code, operation)


def test_f24_a_mark_that_rotted_is_unknown_and_nothing_is_begun_on_it():
    machine = CommandMachine()
    intent = intent_of(machine)
    machine.marks.replace("installer", b"\xff{")
    assert machine.agent.evidence(intent) is Evidence.UNKNOWN
    assert isinstance(machine.agent.apply(intent), Inspected)
    order = machine.target.operations[0].order
    assert isinstance(machine.agent.prepare(order, machine.target), Failed)
    assert machine.maker.installs == 0


# Real processes.

AGENT = """
import sys
from pathlib import Path
import msgspec
from fumo.update.operation import Intent
from tests.device.test_command_agent import real_agent
real_agent(Path(sys.argv[1])).apply(msgspec.json.decode(sys.stdin.buffer.read(), type=Intent))
"""


def real_agent(folder: Path) -> CommandAgent:
    script = f"cat > {folder}/seen; echo run >> {folder}/runs; [ ! -e {folder}/slow ] || sleep 600"
    (folder / "version").write_text("1\n")
    installer = Installer(("/bin/sh", "-c", script), version_file=str(folder / "version"))
    marks, packages = folder / "marks", folder / "packages"
    where = (DiskFolder(marks), DiskFolder(packages), (marks, packages))
    return CommandAgent(installer, *where, Device("lamp", ""), "boot", Coins(), Listened())


def prepared(folder: Path, op_id: int = 1) -> Intent:
    agent = real_agent(folder)
    (folder / "packages" / "package").write_bytes(PACKAGE)
    target = Target(held=held(PACKAGE, PACKAGE[PREFIX_LENGTH : read_head(PACKAGE)[1]]), boot_id=1)
    order = CommandMachine().target.operations[0].order
    return agent.prepare(replace(order, op_id=op_id), target).intent


def test_the_installer_reads_the_image_from_its_standard_input(tmp_path):
    intent = prepared(tmp_path)
    assert real_agent(tmp_path).apply(intent).evidence is Evidence.TRIAL
    assert (tmp_path / "seen").read_bytes() == NEW


@pytest.mark.clause("C16")
def test_f3_an_agent_killed_while_its_installer_runs_never_runs_it_again(tmp_path):
    intent, later = prepared(tmp_path), prepared(tmp_path, op_id=2)
    (tmp_path / "slow").touch()
    line = [sys.executable, "-c", AGENT, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)) + ":."}
    (tmp_path / "intent").write_bytes(msgspec.json.encode(intent))
    with (tmp_path / "intent").open("rb") as told:
        agent = Popen(line, stdin=told, stdout=DEVNULL, env=env)
    until_s = time.monotonic() + 30
    while not (tmp_path / "runs").exists() and time.monotonic() < until_s:
        time.sleep(0.02)
    children = Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text().split()
    agent.send_signal(signal.SIGKILL)
    agent.wait(20)
    after = real_agent(tmp_path)
    try:
        assert after.evidence(intent) is Evidence.UNKNOWN
        assert after.apply(intent).evidence is Evidence.UNKNOWN
        # The installer lives on, so a later order must not start a second one beside it.
        assert after.apply(later).failure.temporary
    finally:
        for child in children:
            os.killpg(int(child), signal.SIGKILL)
    (tmp_path / "slow").unlink()
    assert (tmp_path / "runs").read_text() == "run\n"
