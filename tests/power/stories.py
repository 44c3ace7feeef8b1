"""What devices live through: the orders, what befalls them, and what may come of it."""

from collections.abc import Callable
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.fumo_object import address
from fumo.testing.depot import MemoryDepot
from fumo.testing.world import package
from tests.power.orders import Order, OrderingServer, Rival
from tests.power.world import Around

IMAGES = {"2": bytes(range(256)) * 12, "3": sha256(b"3").digest() * 100}
HOST = "http://127.0.0.1"
URL, OTHER_URL, GONE_URL = f"{HOST}/package", f"{HOST}/package-3", f"{HOST}/gone"
RADIO = address("Radio")
DOWNLOAD, UPDATE, BOTH = Kind.DOWNLOAD, Kind.UPDATE, Kind.DOWNLOAD_AND_UPDATE


def nothing(around: Around) -> None:
    """All goes well."""


class Story(Struct, frozen=True):
    """`states` are what State may say in the end."""

    orders: tuple[Order, ...]
    states: frozenset[int] = frozenset({100})
    befalls: Callable[[Around], None] = nothing
    rival: Rival | None = None
    newborn: bool = False
    """The device has never been started before."""
    objects: tuple[str, ...] = ("Primary",)

    @property
    def all_orders(self) -> tuple[Order, ...]:
        """With the rival's, as it may be accepted when it comes late enough."""
        if self.rival is None:
            return self.orders
        late = Order(self.rival.kind, self.orders[0].url, correlator=self.rival.correlator)
        return (*self.orders, late)

    def around(self) -> Around:
        """The world before the first session."""
        depot = MemoryDepot()
        depot.files[URL] = package(IMAGES["2"], "2")
        depot.files[OTHER_URL] = package(IMAGES["3"], "3")
        around = Around(OrderingServer(self.orders, self.rival), depot, self.objects)
        self.befalls(around)
        return around


def stumbling(around: Around) -> None:
    """Two GETs break off before one comes through."""
    around.depot.faults.extend([1500, 503])


def changing(around: Around) -> None:
    """The package is another one after its first bytes came: those are worth nothing."""
    around.depot.faults.append(1500)
    around.replacements.append((URL, around.depot.files[URL]))
    around.depot.files[URL] = package(IMAGES["3"], "3")


def corrupt(around: Around) -> None:
    """The package is not what its manifest says."""
    data = around.depot.files[URL]
    around.depot.files[URL] = data[:-1] + bytes([data[-1] ^ 1])


def unreachable(around: Around) -> None:
    """No GET ever succeeds."""
    around.depot.always = 503


def gone(around: Around) -> None:
    """The first package is not there."""
    del around.depot.files[URL]


def foreign(around: Around) -> None:
    """The package is for another model."""
    around.depot.files[URL] = package(IMAGES["2"], "2", "another")


def sick(around: Around) -> None:
    """The new image starts and is not well."""
    around.sick = True


def worn(around: Around) -> None:
    """The first write of the slot fails."""
    around.slot_faults.append(True)


def worn_out(around: Around) -> None:
    """No write of the slot succeeds."""
    around.slot_faults.extend([True] * 50)


def refusing(around: Around) -> None:
    """The server will not have the alert, five times over."""
    around.server.alert_codes.extend([406] * 3)


def deaf(around: Around) -> None:
    """Every third reply is lost on its way."""
    around.replies_lost.extend([False, True, False, False, True, True] * 5)


def fails(*results: str) -> frozenset[str]:
    return frozenset(results)


def both(*results: str, url: str = URL, correlator: str = "c-1", version: str = "2") -> Order:
    """DownloadAndUpdate."""
    may = frozenset(results or ("200",))
    return Order(BOTH, url, correlator=correlator, results=may, version=version)


BY_DATA = Order(UPDATE, data=package(IMAGES["2"], "2"))
THREE = both(url=OTHER_URL, correlator="c-3", version="3")
OTHER_DATA = Order(UPDATE, data=package(IMAGES["3"], "3"), correlator="c-2", version="3")
FETCH = Order(DOWNLOAD, URL)
OF_RADIO = Order(
    BOTH, GONE_URL, correlator="c-radio", results=fails("411"), version="3", object_uri=RADIO
)

FACTORY = "1"
FAILED_DOWNLOAD, FAILED_UPDATE = frozenset({20}), frozenset({70, 80})

CRASH_LOOP = Story((both("200", "409", "410"),), frozenset({20, 70, 80, 100}))
"""An update in which the power always goes at the same point."""

STORIES: dict[str, Story] = {
    "update": Story((both(),)),
    "stumbling": Story((both(),), befalls=stumbling),
    "changing": Story((both(),), befalls=changing),
    "download": Story((FETCH,), frozenset({50})),
    "pkgdata": Story((BY_DATA,)),
    "corrupt": Story((both("402"),), FAILED_DOWNLOAD, corrupt),
    "unreachable": Story((both("412"),), FAILED_DOWNLOAD, unreachable),
    "foreign": Story((both("403"),), FAILED_UPDATE, foreign),
    "sick": Story((both("410"),), FAILED_UPDATE, sick),
    "worn": Story((both("200", "410"),), frozenset({80, 100}), worn),
    "worn out": Story((both("410"),), FAILED_UPDATE, worn_out),
    "refusing": Story((both(),), befalls=refusing),
    "deaf": Story((both(),), befalls=deaf),
    "two steps": Story((FETCH, Order(UPDATE, correlator="c-2"))),
    "ordered anew": Story((both("411"), THREE), befalls=gone),
    "two updates": Story((both(), THREE)),
    "replaced": Story((FETCH, OTHER_DATA)),
    "first start": Story((FETCH,), frozenset({50}), newborn=True),
    "two objects": Story((both(), OF_RADIO), frozenset({20, 100}), objects=("Primary", "Radio")),
    "two at once": Story(
        (both(), replace(OF_RADIO, at_once=True, url=OTHER_URL, results=fails("200"))),
        objects=("Primary", "Radio"),
    ),
    "busy": Story((both(),), rival=Rival(DOWNLOAD)),
}
