"""`fumo session`: work at a server as oneself, by a password, for a while."""

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import asks
from fumo.cli.password import asked
from fumo.cli.telling import tell


@click.group()
def main() -> None:
    """Work at a server by your password, for a while."""


@main.command()
@click.argument("name")
@asks
def begin(name: str, admin: Admin, output: str) -> None:
    """Print a token for NAME, whose password is asked for: 'export FUMO_TOKEN=$(...)'."""
    told = admin.post_once("/sessions", {"name": name, "password": asked("Password")})
    tell(output, told, told["token"])


@main.command()
@asks
def show(admin: Admin, output: str) -> None:
    """Print who you are to the server."""
    told = admin.get("/me")
    tell(output, told, f"{told['name']}: {told['role']}, from {told['place']}")


@main.command()
@asks
def password(admin: Admin, output: str) -> None:
    """Change your password."""
    old, new = asked("Old password"), asked("New password", confirm=True)
    told = admin.post_once("/me/password", {"old": old, "new": new})
    tell(output, told, f"{told['changed']} has another password")


@main.command()
@asks
def end(admin: Admin, output: str) -> None:
    """Make the token worthless that you come with."""
    told = admin.post("/sessions/end")
    tell(output, told, "the session has ended")
