"""`fumo devices`: which devices the server knows."""

from pathlib import Path

import click

from fumo.cli.admin import (
    Admin,
    ago,
    data_option,
    limit_option,
    output_option,
    print_json,
    print_table,
)
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
@data_option
def add(id: str, user: str, password: str, server_password: str, profile: str, data: Path) -> None:
    """Let the device ID come: the address it gives as its own, such as IMEI:490154203237518."""
    wanted = {"id": id, "user": user, "password": password, "profile": profile}
    Admin(data).post("/devices", wanted | {"server_password": server_password})
    click.echo(f"device {id} added")


@main.command("list")
@limit_option
@data_option
@output_option
def list_(limit: int, data: Path, output: str) -> None:
    """Print the devices."""
    devices = Admin(data).rows("/devices", limit)
    if output == "json":
        print_json(devices)
        return
    rows = [
        (d["id"], d["profile"], " ".join(d["info"].get(k, "") for k in ("Man", "Mod")).strip(),
         ", ".join(d["objects"]), ago(d["seen_at_s"]))
        for d in devices
    ]  # fmt: skip
    print_table(("ID", "PROFILE", "MODEL", "FUMO OBJECTS", "SEEN"), rows, "no device yet")
