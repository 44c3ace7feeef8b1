"""The maker's own program says whether a new image is well: exit code 0, in bounded time."""

from fumo.device.around import Around
from fumo.device.edges.intents import op_id_of
from fumo.device.edges.programs import Call, NotStarted, Ran, run
from fumo.device.ports import Log, UpdateAgent
from fumo.update.operation import Intent


class CheckedUp(Around):
    """An update agent whose image is well only if a program agrees."""

    def __init__(
        self, inner: UpdateAgent, words: tuple[str, ...], timeout_s: float, log: Log
    ) -> None:
        """`words` are the program and its arguments."""
        super().__init__(inner)
        self._words, self._timeout_s, self._log = words, timeout_s, log

    def healthy(self, intent: Intent) -> bool:
        """The inner agent first: it is cheap, and knows whether the right image runs at all."""
        return super().healthy(intent) and self._program_agrees(intent)

    def _program_agrees(self, intent: Intent) -> bool:
        values = {
            "FUMO_TOKEN": intent.token,
            "FUMO_FROM_VERSION": intent.from_version,
            "FUMO_TO_VERSION": intent.to_version,
        }
        try:
            ran = run(Call(self._words, self._timeout_s, values))
        except NotStarted as error:
            self._log("CheckupNotStarted", operation=op_id_of(intent), error=str(error))
            ran = Ran(None)
        self._log("CheckedUp", operation=op_id_of(intent), exit=ran.exit)
        return ran.well
