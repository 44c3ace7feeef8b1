"""The machine: it starts, lives as an agent, and starts again.

    lock the folders → [ what chooses the image → build from disk → live ] → exit code

A reboot, on a machine that is no device, is the end of one turn of this loop: nothing is carried
over in memory. An agent that fails (a full disk, a bug) is a reboot, too.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from fumo.device.agent import Ending
from fumo.device.coherence import place
from fumo.device.edges.journal import JournalUnusable
from fumo.device.edges.logs import log_of
from fumo.device.edges.machine import alone
from fumo.device.edges.push_listener import PushListener
from fumo.device.main.building import Equipment
from fumo.device.ports import Log
from fumo.device.settings import Settings

CRASH_PAUSE_S = 1.0
CRASH_PAUSE_MAX_S = 60.0
CRASHES_MAX = 5  # in a run of `once`
EXIT_CODES = {Ending.DONE: 0, Ending.STOPPED: 0, Ending.UNDELIVERED: 1}


class Machine:
    """One device on this machine: what outlives a reboot of it, and nothing more."""

    def __init__(self, settings: Settings, once: bool = False, log: Log | None = None) -> None:
        """`once`: it ends when nothing is owed. OSError: a folder or a file cannot be used."""
        self._settings, self._once = settings, once
        self._log = log or log_of(settings.log.format, settings.device.id)
        self._stopping = False
        self._equipment = Equipment(settings, self._log, lambda: self._stopping)

    def stop(self) -> None:
        """End the life that runs, from a signal or another thread."""
        self._stopping = True
        self._equipment.clock.wake()

    def run(self) -> int:
        """Start and start again until there is an exit code. Pushes are heard all the while."""
        equipment, push = self._equipment, self._settings.session.push
        with ExitStack() as stack:
            if push:
                host, port = place(push)
                listener = stack.enter_context(PushListener(host, port, equipment.clock.wake))
                equipment.pushes = listener
                self._log("Listens", host=host, port=listener.port)
            return self._lives()

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
            if ending is not Ending.REBOOT or self._stopping:
                return EXIT_CODES.get(ending, 0)

    def live(self) -> Ending:
        """One start of the machine."""
        self._equipment.starts()
        with self._equipment.agent() as agent:
            return agent.run(self._once, lambda: self._stopping)


def run(
    settings: Settings,
    started: Callable[[Machine], None] = lambda machine: None,
    once: bool = False,
) -> int:
    """Be the device until it is done or told to stop; the exit code. OSError: it cannot start.

    `started` gets the machine before its first life, to stop it from elsewhere.
    """
    with ExitStack() as stack:
        stack.enter_context(alone(Path(settings.device.state)))
        for section in settings.object:
            if section.slots:
                stack.enter_context(alone(Path(section.slots), "slots.lock"))
        machine = Machine(settings, once)
        started(machine)
        return machine.run()
