"""`fumo users`: who may use the API, and what each may do."""

from pathlib import Path

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks, limit_option
from fumo.cli.password import password_of, password_options
from fumo.cli.telling import ago, tell, tell_rows

ROLES = ("viewer", "operator", "admin")


@click.group()
def main() -> None:
    """Say who may use the server: viewers look, operators order, admins do all."""


@main.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What NAME may do.")
@password_options
@asks
def add(
    name: str, role: str, password_file: Path | None, ask_password: bool, admin: Admin, output: str
) -> None:
    """Let NAME in. Without a password only tokens do: 'fumo tokens add NAME'."""
    password = password_of(password_file, ask_password)
    told = admin.post("/users", {"name": name, "role": role, "password": password})
    tell(output, told, f"user {name} added: {role}")


@main.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), help="What NAME may do from now on.")
@password_options
@asks
def change(
    name: str, role: str | None, password_file: Path | None, ask_password: bool, admin: Admin,
    output: str,
) -> None:  # fmt: skip
    """Give NAME another role, or another password."""
    wanted = {"role": role, "password": password_of(password_file, ask_password)}
    told = admin.patch(f"/users/{admin.name(name)}", wanted)
    tell(output, told, f"user {name}: {told['role']}")


@main.command()
@click.argument("name")
@asks
def remove(name: str, admin: Admin, output: str) -> None:
    """Let NAME in no more, by no password and no token."""
    told = admin.post(f"/users/{admin.name(name)}/remove")
    tell(output, told, f"user {name} removed, with all tokens")


@main.command("list")
@limit_option
@asks
def list_(limit: int, admin: Admin, output: str) -> None:
    """Print the users."""
    users = admin.rows("/users", limit)
    rows = [(one["name"], one["role"], ago(one["created_at_s"])) for one in users]
    nobody = "no user yet: who owns the data folder needs none"
    tell_rows(output, users, ("NAME", "ROLE", "ADDED"), rows, nobody)
