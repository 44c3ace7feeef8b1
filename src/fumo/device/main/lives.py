"""The machine: it starts, lives as an agent, and starts again.

    lock the folders → [ what chooses the image → build from disk → live ] → exit code

A reboot, on a machine that is no device, is the end of one turn of this loop: nothing is carried
over in memory. An agent that fails (a full disk, a bug) is a reboot, too.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from fumo.device.agent import Ending
from fumo.device.control import NO_CONTROLS, Asked, Controls, Standing
from fumo.device.edges.control_socket import ControlSocket
from fumo.device.edges.journal import JournalUnusable
from fumo.device.edges.logs import log_of
from fumo.device.edges.machine import alone, named, reboot
from fumo.device.edges.news_clock import NewsClock
from fumo.device.edges.service import Service, of_this_process
from fumo.device.main.building import Equipment
from fumo.device.main.listening import listening
from fumo.device.ports import Log
from fumo.device.settings import Settings
from fumo.device.standing import in_a_line

CRASH_PAUSE_S = 1.0
CRASH_PAUSE_MAX_S = 60.0
REBOOT_WAIT_S = 300.0  # then it is asked for once more
CRASHES_MAX = 5  # in a run of `once`
EXIT_CODES = {Ending.DONE: 0, Ending.STOPPED: 0, Ending.UNDELIVERED: 1}


class Board:
    """Implements `Controls`: the socket's, and what the service manager shows of a standing."""

    def __init__(self, asked: Controls, service: Service) -> None:
        """`asked` has the commands, and gets every standing, too."""
        self._asked, self._service = asked, service

    def take(self) -> Sequence[Asked]:
        """From the socket."""
        return self._asked.take()

    def stands(self, standing: Standing) -> None:
        """To both."""
        self._asked.stands(standing)
        self._service.at(in_a_line(standing))


class Machine:
    """One device on this machine: what outlives a reboot of it, and nothing more."""

    def __init__(
        self,
        settings: Settings,
        once: bool = False,
        log: Log | None = None,
        service: Service | None = None,
    ) -> None:
        """`once`: it ends when nothing is owed. OSError: a folder or a file cannot be used."""
        self._settings, self._once = settings, once
        self._log = log or log_of(settings.log.format, settings.device.id)
        self._service = service or Service({}, 0)
        self._stopping = False
        clock = NewsClock(self._service.alive, self._service.beat_s)
        self._equipment = Equipment(settings, self._log, clock, lambda: self._stopping)

    def stop(self) -> None:
        """End the life that runs, from a signal or another thread."""
        self._stopping = True
        self._service.stopping()
        self._equipment.clock.wake()

    @property
    def mouth(self) -> int:
        """For `signal.set_wakeup_fd`: what is written to it ends a sleep."""
        return self._equipment.clock.mouth

    def run(self) -> int:
        """Start and start again until there is an exit code. Pushes are heard all the while."""
        equipment, session = self._equipment, self._settings.session
        with ExitStack() as stack:
            equipment.pushes = listening(session, equipment.clock, self._log, stack)
            asked: Controls = NO_CONTROLS
            if self._settings.control.socket:
                asked = stack.enter_context(self._control())
            equipment.controls = Board(asked, self._service)
            return self._lives()

    def _control(self) -> ControlSocket:
        settings, clock = self._settings, self._equipment.clock
        about = {"device": settings.device.id, "server": settings.server.url}
        return ControlSocket(settings.control.socket, clock.wake, clock.now_s, about)

    def _lives(self) -> int:
        pause_s, crashes = CRASH_PAUSE_S, 0
        while True:
            try:
                ending = self.live()
            except JournalUnusable:
                raise
            except Exception as error:  # whatever it was, the disk knows what is owed
                self._log("AgentFailed", error=f"{type(error).__name__}: {error}")
                crashes += 1
                if self._stopping or (self._once and crashes >= CRASHES_MAX):
                    return 1
                self._equipment.clock.sleep(pause_s)
                pause_s = min(pause_s * 2, CRASH_PAUSE_MAX_S)
                continue
            if ending is Ending.REBOOT and self._settings.device.reboot:
                self._reboot()
            if ending is not Ending.REBOOT or self._stopping:
                return EXIT_CODES.get(ending, 0)

    def _reboot(self) -> None:
        """Ask for it and wait for the end of this process; if it does not come, life goes on."""
        command = self._settings.device.reboot
        self._log("Reboots", command=" ".join(command))
        try:
            reboot(command)
        except OSError as error:
            self._log("RebootFailed", error=str(error))
        until_s = self._equipment.clock.now_s() + REBOOT_WAIT_S
        while not self._stopping and (left_s := until_s - self._equipment.clock.now_s()) > 0:
            self._equipment.clock.sleep(left_s)

    def live(self) -> Ending:
        """One start of the machine."""
        self._equipment.starts()
        with self._equipment.agent() as agent:
            self._service.ready()
            return agent.run(self._once, self._is_stopping)

    def _is_stopping(self) -> bool:
        """Asked at each turn of the loop: also the proof that it turns."""
        self._service.alive()
        return self._stopping


def run(
    settings: Settings,
    started: Callable[[Machine], None] = lambda machine: None,
    once: bool = False,
) -> int:
    """Be the device until it is done or told to stop; the exit code. OSError: it cannot start.

    `started` gets the machine before its first life, to stop it from elsewhere.
    """
    with ExitStack() as stack:
        with named(f"device.state: {settings.device.state}"):
            stack.enter_context(alone(Path(settings.device.state)))
        for section in settings.object:
            if section.slots:
                with named(f"object.slots: {section.slots}"):
                    stack.enter_context(alone(Path(section.slots), "slots.lock"))
        machine = Machine(settings, once, service=of_this_process())
        started(machine)
        return machine.run()
