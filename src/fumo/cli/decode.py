"""`fumo decode FILE`: print any SyncML message; say in one line what is wrong with a bad one."""

import sys
from typing import BinaryIO

import click

from fumo.dm.bounds import BODY_BYTES_MAX
from fumo.dm.codec import decode, sniff
from fumo.dm.render import render
from fumo.errors import DecodeError


@click.command()
@click.argument("file", type=click.File("rb"))
def main(file: BinaryIO) -> None:
    """Print the SyncML message in FILE (- for standard input), XML or WBXML."""
    try:
        body = file.read(BODY_BYTES_MAX + 1)
        lines = render(decode(body, sniff(body)))
    except (DecodeError, OSError) as fault:
        click.echo(f"{file.name}: {fault}", err=True)
        sys.exit(1)
    for line in lines:
        click.echo(line)
