"""`fumo devices`: which devices the server knows."""

from typing import Any

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, filter_option, limit_option
from fumo.cli.contacts import contacts, woken
from fumo.cli.devices_bootstrap import bootstrap
from fumo.cli.devices_import import import_
from fumo.cli.devices_proofs import bind, bound, make, secrets
from fumo.cli.operations import COLUMNS, row
from fumo.cli.telling import ago, print_table, tell, tell_rows
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


for command in (import_, contacts, make, secrets, bind, bootstrap):
    main.add_command(command)


@main.command("list")
@filter_option("fwv < 2 and tag == lab")
@limit_option
@asks
def list_(filter_: str | None, limit: int, admin: Admin, output: str) -> None:
    """Print the devices."""
    devices = admin.rows("/devices", limit, q=filter_)
    rows = [
        (d["id"], d["profile"], " ".join(d["info"].get(k, "") for k in ("Man", "Mod")).strip(),
         ", ".join(d["objects"]), _marks(d), ago(d["seen_at_s"]))
        for d in devices
    ]  # fmt: skip
    columns = ("ID", "PROFILE", "MODEL", "FUMO OBJECTS", "MARKS", "SEEN")
    tell_rows(output, devices, columns, rows, "no device yet")


def _marks(told: dict[str, Any]) -> str:
    attributes = [f"{name}={value}" for name, value in told["attributes"].items()]
    return ", ".join([*told["tags"], *attributes])


@main.command()
@click.argument("device", metavar="ID")
@asks
def show(device: str, admin: Admin, output: str) -> None:
    """Print what is known of a device, why it is not updating, and what was ordered last."""
    story = admin.get(f"/devices/{admin.name(device)}")
    told = story["device"]
    info = ", ".join(f"{name} {value}" for name, value in told["info"].items())
    lines = [
        f"{told['id']}: seen {ago(told['seen_at_s'])}; {info or 'it told nothing of itself yet'}",
        *([_marks(told)] if _marks(told) else []),
        *([f"bound to {bound(told)}"] if told["binding"] else []),
        story["why"],
    ]
    tell(output, story, "\n".join([*lines, *woken(story)]))
    if output == "table" and story["operations"]:
        print_table(COLUMNS, [row(one) for one in story["operations"]], "")


@main.command()
@click.argument("filter_", metavar="FILTER")
@click.option("--package", help="NAME, NAME@VERSION or number: who would be left out of it, too.")
@asks
def preview(filter_: str, package: str | None, admin: Admin, output: str) -> None:
    """Print whom FILTER chooses: how many, the first of them, and who is left out and why."""
    told = admin.get("/preview", q=filter_, package=package)
    out = [f"left out: {one['number']} ({one['why']})" for one in told["left_out"]]
    lines = [f"{told['number']} chosen", *told["first"], *out]
    more = told["number"] - len(told["first"])
    if more > 0:
        lines.insert(len(told["first"]) + 1, f"... and {more} more")
    tell(output, told, "\n".join(lines))


@main.command()
@click.argument("devices", nargs=-1, metavar="[ID]...")
@filter_option("fwv < 2 and tag == lab")
@click.option("--set", "set_", multiple=True, metavar="NAME=VALUE", help="An attribute.")
@click.option("--unset", multiple=True, metavar="NAME", help="An attribute to take away.")
@click.option("--tag", "add", multiple=True, help="A tag.")
@click.option("--untag", "remove", multiple=True, metavar="TAG", help="A tag to take away.")
@asks
def mark(
    devices: tuple[str, ...], filter_: str | None, set_: tuple[str, ...], unset: tuple[str, ...],
    add: tuple[str, ...], remove: tuple[str, ...], admin: Admin, output: str,
) -> None:  # fmt: skip
    """Set attributes and tags, by which devices are chosen, of each ID or of all of a filter."""
    marks: dict[str, str | None] = dict.fromkeys(unset)
    for pair in set_:
        name, is_pair, value = pair.partition("=")
        if not is_pair:
            raise click.UsageError(f"--set {pair} is no NAME=VALUE, such as site=north")
        marks[name] = value
    wanted = {"devices": devices, "filter": filter_, "set": marks, "add": add, "remove": remove}
    told = admin.post("/devices/marks", wanted)
    tell(output, told, f"devices marked: {told['devices']}")
