"""`fumo notify`: ask a device for a session now, by a notification."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks
from fumo.cli.telling import tell


@click.command()
@click.argument("device")
@click.option("--to", default="", metavar="ADDRESS",
              help="HOST[:PORT] for one datagram, once; or udp:HOST:PORT, sms:+NUMBER, "
              "pap:ADDRESS, mqtt:TOPIC or https://... By default its mark 'wake'.")  # fmt: skip
@click.option("--ui", default="unspecified", show_default=True,
              help="For its user: background, informative, user-interaction.")  # fmt: skip
@asks
def main(device: str, to: str, ui: str, admin: Admin, output: str) -> None:
    """Ask DEVICE for a session now, and again until it comes.

    It must have come once before, since it believes a server by the nonce that it gave it then.
    Nothing tells whether a notification arrives; the session that follows does: 'fumo devices show'
    tells of each attempt.
    """
    told = admin.post("/notifications", {"device": device, "to": to, "ui": ui})
    tell(output, told, f"{device} was asked for session {told['session']}")
