"""What a person is asked at a gate, in words, and what the answer means. Pure.

    Request → question → (a `User` answers) → Reply → Word

The words are ours and not the server's: a person agrees to what the device is about to do.
"""

from collections.abc import Mapping

from msgspec import Struct

from fumo.codes import AlertCode
from fumo.dm.ui import Chose, Question, Reply, Said
from fumo.update.tally import Stage, Word

ASK_S = 120

TEXTS: Mapping[Stage, str] = {
    Stage.DOWNLOAD: "A firmware update was ordered. Download it now?",
    Stage.INSTALL: "A firmware update is on the device. Install it now?",
    Stage.WRITE: "Go on installing the firmware update?",
    Stage.REBOOT: "The firmware update is installed. Restart now?",
}
CHOICES: Mapping[Word, str] = {
    Word.YES: "yes, now",
    Word.LATER: "later",
    Word.NO: "no, not this update",
}


class Request(Struct, frozen=True):
    """One question to a person: may this operation go on? `words` are the answers there are."""

    op_id: int
    stage: Stage
    object_uri: str
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The question itself."""
        return TEXTS[self.stage]


def question(request: Request) -> Question:
    """The request as one that a `User` can be asked."""
    choices = tuple(CHOICES[word] for word in request.words)
    return Question(AlertCode.SINGLE_CHOICE, request.text, choices, wait_s=ASK_S)


def word_of(request: Request, reply: Reply) -> Word | None:
    """What was answered; None: nothing, so that the question stays open.

    To cancel the question is not to refuse the update: it is later.
    """
    if reply is Said.CANCELLED:
        return Word.LATER
    if isinstance(reply, Chose) and len(reply.numbers) == 1:
        number = reply.numbers[0]
        return request.words[number - 1] if 0 < number <= len(request.words) else None
    return None
