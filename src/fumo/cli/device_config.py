"""`fumo device config show`: every setting, what it is, and where it is from."""

import argparse

import msgspec

from fumo.cli import device_settings
from fumo.device.reading import HIDDEN, Told, leaves


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's line."""
    group = commands.add_parser("config", help="show the settings, and where each is from")
    line = group.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "show", help="all settings as `run` would have them with the same flags"
    )
    line.set_defaults(do=show)
    device_settings.add_all(line)
    line.add_argument("-o", dest="output", choices=("text", "json"), default="text")


def show(options: argparse.Namespace) -> int:
    """Print them; secrets are not shown. SettingsError: they make no sense."""
    told = device_settings.told(options)
    rows = _rows(told)
    if options.output == "json":
        made = {path: {"value": value, "origin": origin} for path, value, origin in rows}
        print(msgspec.json.format(msgspec.json.encode(made)).decode())
        return 0
    texts = [(path, msgspec.json.encode(value).decode(), origin) for path, value, origin in rows]
    widths = [max(len(row[column]) for row in texts) for column in (0, 1)]
    for path, value, origin in texts:
        print(f"{path:{widths[0]}}  {value:{widths[1]}}  {origin}")
    return 0


def _rows(told: Told) -> list[tuple[str, object, str]]:
    return [
        (path, HIDDEN if secret and value else value, told.origin(path))
        for path, value, secret in leaves(told.settings)
    ]
