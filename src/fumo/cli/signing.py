"""What the commands that sign share: keys, passphrases, and where lists are drafted."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fumo.cli.telling import fail
from fumo.errors import FumoError

if TYPE_CHECKING:
    from fumo.depot.tuf.key_files import KeyFiles
    from fumo.depot.tuf.places import Desk, Published

F = TypeVar("F", bound=Callable[..., Any])
PASSPHRASE = "FUMO_KEYS_PASSPHRASE"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
LACKS_TUF = "signed lists need the extra tuf: pip install 'fumo[tuf]'"

desk_argument = click.argument("repository", type=FOLDER)
keys_option = click.option("--keys", type=FOLDER, default=Path("keys"), show_default=True,
                           help="The folder of the keys.")  # fmt: skip
passphrase_option = click.option(
    "--passphrase-file", type=FILE,
    help=f"Opens sealed keys: by default {PASSPHRASE}, or it is asked for.",
)  # fmt: skip


@contextmanager
def plainly() -> Iterator[None]:
    """What goes wrong is said in one line."""
    try:
        yield
    except ImportError:
        fail(LACKS_TUF)
    except (FumoError, OSError) as fault:
        fail(str(fault))
    except Exception as fault:
        if type(fault).__module__.split(".")[0] not in ("tuf", "securesystemslib"):
            raise
        fail(f"the metadata cannot be read: {fault}")


def key_files(folder: Path, passphrase_file: Path | None) -> "KeyFiles":
    """The keys, whose passphrase is read when it is needed."""
    from fumo.depot.tuf.key_files import KeyFiles

    return KeyFiles(folder, lambda name: passphrase(name, passphrase_file))


def passphrase(name: str, file: Path | None, confirm: bool = False) -> bytes | None:
    """By a file, by the environment, or by whoever sits there."""
    if file is not None:
        return file.read_bytes().strip()
    if (said := os.environ.get(PASSPHRASE)) is not None:
        return said.encode()
    if not sys.stdin.isatty():
        return None
    asked = click.prompt(f"Passphrase of {name}", hide_input=True, confirmation_prompt=confirm)
    return str(asked).encode()


def place(where: str) -> "Desk | Published":
    """A folder in which lists are drafted, or a store."""
    from fumo.depot.tuf.places import Desk

    folder = Path(where)
    drafted = not where.startswith("s3://") and next(folder.glob("*.root.json"), None) is not None
    return Desk(folder) if drafted else published(where)


def published(where: str) -> "Published":
    """What devices are given, in a store."""
    from fumo.depot.main import open_store
    from fumo.depot.tuf.places import Published

    return Published(open_store(where))
