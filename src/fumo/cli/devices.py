"""`fumo devices`: which devices the server knows."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, limit_option
from fumo.cli.telling import ago, tell, tell_rows
from fumo.profiles.profile import PROFILES, STANDARD


@click.group()
def main() -> None:
    """Say which devices the server knows."""


@main.command()
@click.argument("id")
@click.option("--user", required=True, help="The device's name in its credentials.")
@click.option("--password", required=True, help="The device's password.")
@click.option("--server-password", required=True, help="The server's password at this device.")
@click.option("--profile", type=click.Choice(list(PROFILES)), default=STANDARD.name,
              show_default=True, help="What is odd about its model.")  # fmt: skip
@asks
def add(
    id: str, user: str, password: str, server_password: str, profile: str, admin: Admin,
    output: str,
) -> None:  # fmt: skip
    """Let the device ID come: the address it gives as its own, such as IMEI:490154203237518."""
    wanted = {"id": id, "user": user, "password": password, "profile": profile}
    told = admin.post("/devices", wanted | {"server_password": server_password})
    tell(output, told, f"device {id} added")


@main.command("list")
@limit_option
@asks
def list_(limit: int, admin: Admin, output: str) -> None:
    """Print the devices."""
    devices = admin.rows("/devices", limit)
    rows = [
        (d["id"], d["profile"], " ".join(d["info"].get(k, "") for k in ("Man", "Mod")).strip(),
         ", ".join(d["objects"]), ago(d["seen_at_s"]))
        for d in devices
    ]  # fmt: skip
    columns = ("ID", "PROFILE", "MODEL", "FUMO OBJECTS", "SEEN")
    tell_rows(output, devices, columns, rows, "no device yet")
