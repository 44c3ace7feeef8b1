"""The page about downloads says what the program does."""

from pathlib import Path

from fumo.device.edges.install_notify import code_of
from fumo.update.failures import FAILURES, failure

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/downloads.md"


def test_the_page_has_every_cause_as_it_is():
    lines = PAGE.read_text("utf-8").splitlines()
    for cause, (result, again) in FAILURES.items():
        told = int(code_of(failure(cause)))
        assert f"| {cause} | {result} | {'yes' if again else 'no'} | {told} |" in lines
