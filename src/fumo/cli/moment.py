"""When, as the command line says it."""

from datetime import datetime

import click


class Moment(click.ParamType[float]):
    """A date and a time with its offset from UTC."""

    name = "WHEN"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds since 1970."""
        if isinstance(value, float):
            return value
        try:
            said = datetime.fromisoformat(str(value))
        except ValueError:
            said = None
        if said is None or said.tzinfo is None:
            words = "is no moment, such as 2027-01-31T22:00Z or 2027-01-31T23:00+01:00"
            self.fail(f"{value!r} {words}", param, ctx)
        return said.timestamp()
