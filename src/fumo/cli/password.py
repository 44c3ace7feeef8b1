"""Where a password is taken from: a file's first line, or a question on the terminal."""

from pathlib import Path
from typing import Any

import click

from fumo.cli.asking import FILE
from fumo.cli.telling import fail


def password_options(command: Any) -> Any:
    """`--password-file` and `--ask-password`."""
    asked = click.option("--ask-password", is_flag=True, help="Ask for the password here.")
    file = click.option("--password-file", type=FILE, help="Whose first line is the password.")
    return file(asked(command))


def password_of(file: Path | None, ask: bool) -> str | None:
    """What was said; None: nothing was."""
    if ask:
        return asked("Password", confirm=True)
    if file is None:
        return None
    try:
        return file.read_text().partition("\n")[0]
    except (OSError, UnicodeDecodeError) as fault:
        fail(f"{file} holds no password: {fault}")


def asked(words: str, confirm: bool = False) -> str:
    """A password that nobody sees, from the terminal; nothing of it on standard output."""
    return str(click.prompt(words, hide_input=True, confirmation_prompt=confirm, err=True))
