"""The downloader out of settings: its bounds, and which hosts near it may be asked."""

import ssl
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from fumo.device.edges.downloader import HttpDownloader, nobody_vouches
from fumo.device.edges.guard import Guard
from fumo.device.edges.http_source import open_body
from fumo.device.edges.install_notify import InstallNotify
from fumo.device.edges.pace import Limits
from fumo.device.edges.reporting import post
from fumo.device.files import Files
from fumo.device.ports import Patcher
from fumo.device.settings import Settings
from fumo.package.plan import Plan
from fumo.update.operation import Failure, Order


def downloader_of(
    settings: Settings,
    packages: Files,
    tls: ssl.SSLContext | None,
    vouch: Callable[[Order], Plan | Failure] = nobody_vouches,
    patcher: Patcher | None = None,
) -> HttpDownloader:
    """For one object's folder. `vouch` tells what is signed, `patcher` applies deltas."""
    guard = guard_of(settings)
    return HttpDownloader(
        packages,
        limits_of(settings),
        settings.download.plain_packages,
        partial(open_body, tls=tls, guard=guard),
        vouch=vouch,
        patcher=patcher,
        notify=InstallNotify(packages, partial(post, tls=tls, guard=guard)),
    )


def guard_of(settings: Settings) -> Guard:
    """The account's own server is trusted with its address, whatever it is; so are named hosts."""
    own = urlsplit(settings.server.url).hostname
    return Guard([*settings.download.hosts, *([own] if own else [])])


def limits_of(settings: Settings) -> Limits:
    """What is not set is as `Limits` has it."""
    download = settings.download
    return Limits(
        package_bytes_max=download.package_bytes_max,
        rate_bytes_s=download.rate_bytes_s,
        stall_window_s=download.stall_s,
        package_types=tuple(kind.lower() for kind in download.types),
    )
