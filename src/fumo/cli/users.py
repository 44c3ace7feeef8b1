"""`fumo users`: who may use the API, and what each may do."""

from pathlib import Path

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import FILE, asks, limit_option
from fumo.cli.telling import ago, fail, tell, tell_rows

ROLES = ("viewer", "operator", "admin")


@click.group()
def main() -> None:
    """Say who may use the server: viewers look, operators order, admins do all."""


@main.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What NAME may do.")
@click.option("--password-file", type=FILE, help="Whose first line is the password.")
@click.option("--ask-password", is_flag=True, help="Ask for the password here.")
@asks
def add(
    name: str, role: str, password_file: Path | None, ask_password: bool, admin: Admin, output: str
) -> None:
    """Let NAME in. Without a password only tokens do: 'fumo tokens add NAME'."""
    password = _password(password_file, ask_password)
    told = admin.post("/users", {"name": name, "role": role, "password": password})
    tell(output, told, f"user {name} added: {role}")


def _password(file: Path | None, ask: bool) -> str | None:
    if ask:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if file is None:
        return None
    try:
        return file.read_text().partition("\n")[0]
    except (OSError, UnicodeDecodeError) as fault:
        fail(f"{file} holds no password: {fault}")


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
