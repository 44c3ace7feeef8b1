"""A user who answers as a story wants; with nothing to answer, nobody is there."""

from collections import deque

from fumo.dm.ui import Question, Reply, Said


class ScriptedUser:
    """Implements `User`. `asked` is every question, in order."""

    def __init__(self, *replies: Reply) -> None:
        """`replies`, one a question; then nobody is there any more."""
        self.replies = deque(replies)
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Reply:
        """The next reply, at once."""
        self.asked.append(question)
        return self.replies.popleft() if self.replies else Said.NOBODY
