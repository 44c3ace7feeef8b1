"""`fumo serve`: the server, the depot and the pages, until a signal ends them.

The depot is a process of its own (`depot_process`).
"""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import click

from fumo.cli.admin import Admin
from fumo.cli.asking import data_option
from fumo.cli.depot_addresses import DepotAddresses
from fumo.cli.depot_process import Depot
from fumo.cli.place import HostPort, Net, NetParam, Place
from fumo.cli.serve_file import section, settled
from fumo.cli.serve_options import (
    depot_options,
    depot_words,
    front_options,
    keep_options,
    retention,
    run_options,
)
from fumo.cli.signed_packages import SignedPackages
from fumo.depot.deltas.limits import Limits
from fumo.depot.deltas.maker import Maker
from fumo.depot.main import open_store
from fumo.depot.places import S3Settings, from_environment, to_environment
from fumo.errors import FumoError
from fumo.server.main import Config, Folder, Ready, Senders, Server, begin_log, share_keys
from fumo.wire.tls import Certificate

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@settled
@click.command()
@data_option
@click.option("--listen", type=HostPort(), default="127.0.0.1:8080", show_default=True,
              help="Where devices and browsers come.")  # fmt: skip
@click.option("--depot-listen", type=HostPort(), help="Where packages are fetched: by default "
              "the same host, and the next port.")  # fmt: skip
@click.option("--depot-url", help="How devices reach the depot, if not by the address it listens "
              "on: http://NAME:PORT.")  # fmt: skip
@click.option(
    "--store",
    metavar="DIR|s3://BUCKET/PREFIX",
    help="Where packages are kept, if not "
    "in the data folder. How an S3 is reached stands in [s3] of --config, or in AWS_*.",
)
@click.option("--server-id", default="fumo", show_default=True,
              help="The server's name in its own credentials.")  # fmt: skip
@click.option("--tls-cert", type=FILE, help="Serve TLS: the certificate and its chain, PEM.")
@click.option("--tls-key", type=FILE, help="The certificate's key.")
@click.option("--database", help="A PostgreSQL that other servers may use too: "
              "postgresql://USER@HOST/NAME. By default a file in the data folder.")  # fmt: skip
@click.option("--metrics", is_flag=True, help="Let everybody who comes read /metrics.")
@click.option("--webhook-net", "webhook_nets", multiple=True, type=NetParam(),
              help="A net inside, such as 10.1.0.0/16, to which webhooks may lead all the same, "
              "also by http. Several times for several.")  # fmt: skip
@depot_options
@front_options
@run_options
@keep_options
@click.option("--link", is_flag=True, help="Print a new page link of a server that runs.")
def main(
    data: Path, listen: Place, depot_listen: Place | None, depot_url: str | None,
    store: str | None, server_id: str,
    tls_cert: Path | None, tls_key: Path | None, device_ca: Path | None,
    database: str | None, metrics: bool, webhook_nets: tuple[Net, ...], link: bool,
    **operated: Any,
) -> None:  # fmt: skip
    """Run the server, the depot and the pages."""
    if link:
        click.echo(Admin(data).post_once("/links")["url"])
        return
    if (tls_cert is None) is not (tls_key is None) or (device_ca and not tls_cert):
        raise click.UsageError("TLS needs both --tls-cert and --tls-key")
    if operated["device_ca_optional"] and not device_ca:
        raise click.UsageError("--device-ca-optional is said of certificates of a --device-ca")
    own = Certificate(tls_cert, tls_key) if tls_cert and tls_key else None
    beside = Place(listen.host, listen.port + 1 if 0 < listen.port < 65535 else 0)
    try:
        config = Config(
            listen.host,
            listen.port,
            server_id,
            own,
            device_ca,
            database or None,
            metrics,
            webhook_nets,
            retention(operated), operated["grace_s"],
            operated["proxy_nets"], operated["public_url"] or None,
            section(Senders), operated["device_ca_optional"],
        )  # fmt: skip
        begin_log(operated["log_form"])
        _serve(data, config, depot_listen or beside, depot_url, store, depot_words(operated))
    except (FumoError, OSError) as fault:
        where = f"--listen {listen}: " if getattr(fault, "errno", None) else ""
        click.echo(f"fumo serve: {where}{fault}", err=True)
        sys.exit(1)


def _serve(
    data: Path, config: Config, depot_place: Place, depot_url: str | None, where: str | None,
    words: tuple[str, ...],
) -> None:  # fmt: skip
    try:
        folder = Folder(data)
    except OSError as fault:
        raise FumoError(f"--data {data} cannot be used: {fault.strerror or fault}") from fault
    if config.database is not None:
        share_keys(folder, config.database)
    at = where or str(folder.depot)
    s3 = from_environment(os.environ, section(S3Settings))
    store = open_store(at, s3)  # what cannot be opened is said before anything is started
    depot = Depot(folder, depot_place, _warn, at, to_environment(s3), words)
    own_url = depot.url.replace(*_reachable(depot_place.host))
    addresses = DepotAddresses(depot_url or own_url, folder.key("depot"), store)
    try:
        limits = section(Limits)
        maker = Maker(limits, store) if limits.make else None
        server = Server(folder, config, addresses, store, maker, SignedPackages(store))
        server.run(lambda ready: _tell(ready, own_url, depot_url, config.host), depot.stop)
    finally:
        depot.stop()


def _warn(what: str) -> None:
    click.echo(f"fumo serve: {what}", err=True)


def _reachable(host: str) -> tuple[str, str]:
    """What to replace by what in an address: a host that means all of them is nobody's."""
    written = f"[{host}]" if ":" in host else host
    if host not in ("0.0.0.0", "::"):
        return written, written
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which way out there is
            return written, str(probe.getsockname()[0])
        except OSError:
            return written, socket.gethostname()


def _tell(ready: Ready, depot: str, told: str | None, host: str) -> None:
    swap = _reachable(host)
    click.echo(f"DM server  {ready.dm_url.replace(*swap)}")
    click.echo(f"Depot      {depot}" + (f"   (devices are told {told})" if told else ""))
    click.echo(f"Page       {ready.page_url.replace(*swap)}   (lets one browser in, once)")
    sys.stdout.flush()
