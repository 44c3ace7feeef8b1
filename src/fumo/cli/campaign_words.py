"""The words that steer a campaign: a command each."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks
from fumo.cli.telling import tell

WORDS = {
    "submit": "Ask for the approval of a campaign that was made with --draft.",
    "approve": "Say that it may begin: not the one who made it.",
    "deny": "Say that it may not, and why: for good.",
    "start": "Start a campaign that was made with --draft, or whose time has not come.",
    "pause": "Order nothing more; what was sent goes on.",
    "resume": "Go on after a pause: only errors from now on pause it again.",
    "next-group": "Open the next group now.",
    "stop": "Cancel all that was not sent, for good.",
}


def commands() -> list[click.Command]:
    """All of them."""
    return [_command(word, says) for word, says in WORDS.items()]


def _command(word: str, says: str) -> click.Command:
    @click.argument("campaign", type=int)
    @click.option("--reason", required=word == "deny", help="Why; it is kept.")
    @asks
    def run(campaign: int, reason: str | None, admin: Admin, output: str) -> None:
        told = admin.post(f"/campaigns/{campaign}/orders/{word}", {"reason": reason or ""})
        group = f"group {told['opened']} of {told['groups']}"
        tell(output, told, f"campaign {campaign}: {told['state']}, {group}")

    return click.command(word, help=says)(run)
