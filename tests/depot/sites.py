"""A depot as devices reach it, by each path that the bytes of a package may take."""

import http.client
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from fumo.depot.main import open_store
from fumo.depot.ways import Ways
from tests.device.servers import Depot
from tests.nginx import INSIDE, nginx
from tests.seaweed import Seaweed

PATHS = ("folder", "nginx", "led", "through")
"""Its own folder, an nginx in front of that, an S3 to which it leads, an S3 through it."""
LED_MAX = 1


class Answered:
    """An answer, and all bytes of it."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.body = answer.status, answer.read()
        self.fields = {name.lower(): value for name, value in answer.getheaders()}


def asked(method: str, url: str, **fields: str) -> Answered:
    """One request, and no redirect followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        connection.request(method, f"{parts.path}?{parts.query}", None, named)
        return Answered(connection.getresponse())
    finally:
        connection.close()


class Site:
    """One path with one package."""

    def __init__(self, path: str, depot: Depot, port: int, package: bytes) -> None:
        self.path, self.depot, self.package, self._port = path, depot, package, port
        self.sha256 = depot.store.add(io.BytesIO(package)).sha256

    @property
    def tag(self) -> str:
        """The ETag that a device sees with the whole package."""
        own = self.depot.store.find(self.sha256).tag if self.path == "led" else ""
        return own or f'"{self.sha256}"'

    def url(self, operation: str = "op-1", lane=None) -> str:
        """An address of it."""
        plain = self.depot.url(self.package, operation, lane)
        return plain.replace(f":{self.depot.port}/", f":{self._port}/")

    def ask(self, method: str = "GET", **fields: str) -> Answered:
        """The answer, wherever it comes from."""
        url = self.url()
        for _ in range(LED_MAX + 1):
            answer = asked(method, url, **fields)
            if answer.status != 302:
                return answer
            url = answer.fields["location"]
        raise AssertionError("led on and on")


@contextmanager
def site(path: str, root: Path, s3: Callable[[], Seaweed], package: bytes) -> Iterator[Site]:
    """Opened, and gone afterwards."""
    with ExitStack() as after:
        store = None
        if path in ("led", "through"):
            store = open_store(s3().bucket(), s3().settings)
        ways = Ways(accel=INSIDE if path == "nginx" else "", through=path == "through")
        depot = Depot(root, store, ways)
        after.callback(depot.stop)
        port = depot.port
        if path == "nginx":
            port = after.enter_context(nginx(root, root, depot.port))
        yield Site(path, depot, port, package)
