"""A Containerfile as a builder reads it: its instructions, with what each is given."""

import json
import re
from typing import NamedTuple

KNOWN = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN",
    "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip
"""What ours may say; ADD and SHELL are left out on purpose."""


class Instruction(NamedTuple):
    """One of them; `stage` counts FROMs, and is 0 before the first."""

    stage: int
    word: str
    rest: str

    def words(self) -> list[str]:
        """As a list in JSON says them, or parted by blanks; options first."""
        if self.rest.lstrip().startswith("["):
            return [str(word) for word in json.loads(self.rest)]
        return self.rest.split()


def parse(text: str) -> list[Instruction]:
    """All of them; ValueError names the line that is none."""
    found, stage = [], 0
    for line in _joined(text):
        parts = re.fullmatch(r"([A-Z]+)\s+(.+)", line)
        if parts is None or parts[1] not in KNOWN:
            raise ValueError(f"no instruction: {line}")
        stage += parts[1] == "FROM"
        found.append(Instruction(stage, parts[1], parts[2]))
    return found


def _joined(text: str) -> list[str]:
    """Lines without comments, a backslash at the end going on in the next."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [
        line.strip() for line in "\n".join(lines).replace("\\\n", " ").split("\n") if line.strip()
    ]
