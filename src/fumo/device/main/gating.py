"""Who looks for the gates, and who is asked at them, as the settings say."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from fumo.device.compose import UNASKED
from fumo.device.edges.consent import OneAtATime, ThreadConsent, by_command, by_user
from fumo.device.edges.surroundings import Surroundings
from fumo.device.edges.user import Terminal
from fumo.device.edges.words import CommandWord, FileWord
from fumo.device.ports import Circumstances, Consent, User
from fumo.device.settings import GatesSection, Settings

ASKER = "This device asks"


def circumstances_of(settings: Settings) -> Circumstances:
    """Room is needed where the state is kept."""
    gates = settings.gates
    network = _word(gates.network_command, gates.network_file)
    in_use = _word(gates.in_use_command, gates.in_use_file)
    return Surroundings(Path(settings.device.state), network, in_use)


def _word(command: Sequence[str], file: str) -> Callable[[], str] | None:
    if command:
        return CommandWord(command)
    return FileWord(file) if file else None


class Askers:
    """A server's questions and our own at one terminal, never two at once."""

    def __init__(self, stopping: Callable[[], bool], wake: Callable[[], None]) -> None:
        """`wake` is called when somebody answered one of ours."""
        self._stopping, self._wake, self._lock = stopping, wake, Lock()

    def user(self) -> User:
        """Who answers servers."""
        return OneAtATime(Terminal(self._stopping), self._lock)

    def consent(self, gates: GatesSection) -> Consent:
        """Who lets operations go on."""
        match gates.ask:
            case "none":
                return UNASKED
            case "terminal":
                return ThreadConsent(by_user(self.terminal()), self._wake)
            case "command":
                return ThreadConsent(by_command(gates.ask_command), self._wake)

    def terminal(self) -> User:
        """The same terminal, asked by us."""
        return OneAtATime(Terminal(self._stopping, asker=ASKER), self._lock)
