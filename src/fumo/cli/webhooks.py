"""`fumo webhooks`: who is told what happens. A secret is printed once."""

from typing import Any

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks
from fumo.cli.telling import ago, tell, tell_rows

COLUMNS = ("ID", "URL", "KINDS", "IS", "BEHIND", "TRIES", "TOLD", "WHY")


@click.group()
def main() -> None:
    """Tell addresses what happens, and say how that goes."""


@main.command()
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, help="Of this kind, such as operation: by default "
              "all.")  # fmt: skip
@click.option("--after", type=click.IntRange(0), help="Begin after the event of this number.")
@asks
def add(url: str, kinds: tuple[str, ...], after: int | None, admin: Admin, output: str) -> None:
    """Tell URL what happens from now on. Prints the secret that signs it, now and never again."""
    told = admin.post_once("/webhooks", {"url": url, "kinds": kinds, "after": after})
    tell(output, told, _secret(told))


def _secret(told: dict[str, Any]) -> str:
    return f"webhook {told['id']}: its secret is {told['secret']}"


@main.command("list")
@asks
def list_(admin: Admin, output: str) -> None:
    """Print the webhooks, how far behind each is, and why."""
    told = admin.get("/webhooks")["items"]
    rows = [
        (one["id"], one["url"], ", ".join(one["kinds"]) or "all", one["state"], one["behind"],
         one["tries"] or "", ago(one["told_at_s"]), one["reason"])
        for one in told
    ]  # fmt: skip
    tell_rows(output, told, COLUMNS, rows, "no webhook yet")


@main.command()
@click.argument("webhook", type=click.IntRange(0))
@asks
def rotate(webhook: int, admin: Admin, output: str) -> None:
    """Give WEBHOOK a new secret, and print it. The old one signs nothing more."""
    told = admin.post_once(f"/webhooks/{webhook}/rotate")
    tell(output, told, _secret(told))


@main.command()
@click.argument("webhook", type=click.IntRange(0))
@asks
def remove(webhook: int, admin: Admin, output: str) -> None:
    """Tell WEBHOOK nothing more, for good."""
    tell(output, admin.post(f"/webhooks/{webhook}/remove"), f"webhook {webhook} removed")


def _command(word: str, says: str) -> click.Command:
    @click.argument("webhook", type=click.IntRange(0))
    @asks
    def run(webhook: int, admin: Admin, output: str) -> None:
        told = admin.post(f"/webhooks/{webhook}/{word}")
        tell(output, told, f"webhook {webhook}: {told['state']}, {told['behind']} events behind")

    return click.command(word, help=says)(run)


for _word, _says in {
    "pause": "Tell WEBHOOK nothing until it is resumed; nothing is left out then.",
    "resume": "Go on where it was, also with one that was given up as dead.",
}.items():
    main.add_command(_command(_word, _says))
