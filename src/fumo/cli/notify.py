"""`fumo notify`: ask a device for a session now, by a notification over UDP."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks
from fumo.cli.telling import tell


@click.command()
@click.argument("device")
@click.option("--to", required=True, metavar="HOST[:PORT]",
              help="Where the device listens for pushes.")  # fmt: skip
@click.option("--ui", default="unspecified", show_default=True,
              help="For its user: background, informative, user-interaction.")  # fmt: skip
@asks
def main(device: str, to: str, ui: str, admin: Admin, output: str) -> None:
    """Ask DEVICE for a session now.

    It must have come once before, since it believes a server by the nonce that it gave it then.
    Nothing tells whether a notification arrives; the session that follows does.
    """
    told = admin.post("/notifications", {"device": device, "to": to, "ui": ui})
    tell(output, told, f"{device} was asked for session {told['session']}")
