"""How long, as the command line says it."""

import re

import click

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[float]):
    """A number with s, m, h or d."""

    name = "TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds."""
        if isinstance(value, float):
            return value
        parts = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", str(value))
        if parts is None or float(parts.group(1)) <= 0:
            self.fail(f"{value!r} is no time, such as 30m, 12h or 7d", param, ctx)
        return float(parts.group(1)) * UNITS[parts.group(2)]
