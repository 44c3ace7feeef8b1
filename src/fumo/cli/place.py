"""Where a program listens, as the command line says it."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NamedTuple, TypeAlias

import click

Net: TypeAlias = IPv4Network | IPv6Network


class Place(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


class HostPort(click.ParamType[Place]):
    """HOST:PORT, with an IPv6 address in brackets."""

    name = "HOST:PORT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Place:
        """The place, or a refusal in words."""
        host, _, port = str(value).rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            self.fail(f"{value!r} is not HOST:PORT, such as 127.0.0.1:8080", param, ctx)
        return Place(host.strip("[]"), int(port))


class NetParam(click.ParamType[Net]):
    """ADDRESS/BITS, of either kind."""

    name = "NET"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Net:
        """The net, or a refusal in words."""
        try:
            return ip_network(str(value))
        except ValueError:
            self.fail(f"{value!r} is no net, such as 10.1.0.0/16 or fd00::/8", param, ctx)
