"""The command line: parse, compose, call a main, print.

Importing this package imports nothing else: `fumo-device` lives in it, and a device has no click.
"""


def main() -> None:
    """The program `fumo`."""
    from fumo.cli.group import fumo

    fumo(prog_name="fumo")
