"""What devices live through: the orders, what befalls them, and what may come of it."""

from collections.abc import Callable
from hashlib import sha256

import bsdiff4
from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.fumo_object import address
from fumo.dlota.descriptor import MEDIA_TYPE
from fumo.package.plan import Delta, Format, Plan
from fumo.testing.circumstances import FINE
from fumo.testing.depot import MemoryDepot
from fumo.testing.world import package
from fumo.update.conditions import Network
from fumo.update.rule import Gates, Rule
from fumo.update.tally import Word
from tests.power.around import Around
from tests.power.orders import Order, OrderingServer, Rival

IMAGES = {"2": bytes(range(256)) * 12, "3": sha256(b"3").digest() * 100}
HOST = "http://127.0.0.1"
URL, OTHER_URL, GONE_URL = f"{HOST}/package", f"{HOST}/package-3", f"{HOST}/gone"
DELTA_URL, DESCRIPTOR_URL = f"{HOST}/package.delta", f"{HOST}/package.dd"
RADIO = address("Radio")
LOW = replace(FINE, battery=10, mains=False)
METERED = replace(FINE, network=Network.METERED)
IN_USE = replace(FINE, in_use=True)
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


def low(around: Around) -> None:
    """The battery is low for a while."""
    around.gates = Gates(install=Rule(battery_min=50, deadline_s=3600.0))
    around.weather, around.looks = LOW, 4


def metered(around: Around) -> None:
    """A network that costs nothing never comes."""
    around.gates = Gates(download=Rule(network=Network.UNMETERED, deadline_s=30.0))
    around.weather, around.looks = METERED, 1 << 30


def in_a_call(around: Around) -> None:
    """The device is in use for ever, but the start is not waited for that long."""
    around.gates = Gates(reboot=Rule(idle=True, deadline_s=30.0))
    around.weather, around.looks = IN_USE, 1 << 30


def put_off(around: Around) -> None:
    """A person says later, and then yes."""
    around.gates = Gates(install=Rule(consent=True, defer_s=20.0))
    around.words.extend([Word.LATER, Word.YES])


def not_wanted(around: Around) -> None:
    """A person says no."""
    around.gates = Gates(install=Rule(consent=True))
    around.words.append(Word.NO)


def cancelled(around: Around) -> None:
    """A person cancels while the download runs."""
    around.depot.faults.extend([1500, 1200])
    around.cancel_after = 1


def silent(around: Around) -> None:
    """From the new image no server can be reached."""
    around.reachable = False


def small(around: Around) -> None:
    """There is a smaller way from the image that runs."""
    around.depot.files[DELTA_URL] = patch = bsdiff4.diff(b"factory", around.depot.files[URL])
    around.plans = {URL: planned(around.depot.files[URL], patch)}


def small_and_wrong(around: Around) -> None:
    """There is, and it makes other bytes."""
    other = around.depot.files[URL][:-1] + b"?"
    around.depot.files[DELTA_URL] = patch = bsdiff4.diff(b"factory", other)
    around.plans = {URL: planned(around.depot.files[URL], patch)}


def planned(whole: bytes, patch: bytes) -> Plan:
    """What a voucher says of a package with one delta."""
    base = (sha256(b"factory").hexdigest(), len(b"factory"))
    delta = Delta(DELTA_URL, Format.BSDIFF4, len(patch), sha256(patch).hexdigest(), *base)
    return Plan(len(whole), sha256(whole).hexdigest(), deltas=(delta,))


def described(around: Around) -> None:
    """PkgURL leads to a descriptor, whose reports are heard."""
    size = len(around.depot.files[URL])
    text = (
        f"<media><type>application/octet-stream</type><size>{size}</size>"
        f"<objectURI>{URL}</objectURI><installNotifyURI>told</installNotifyURI></media>"
    )
    around.depot.files[DESCRIPTOR_URL] = text.encode()
    around.depot.types[DESCRIPTOR_URL] = MEDIA_TYPE


def described_to_nobody(around: Around) -> None:
    """The same, and no report is heard."""
    described(around)
    around.depot.deaf = True


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
BY_DELTA = replace(both(), more_urls=(DELTA_URL,))
DESCRIBED = replace(both(), url=DESCRIPTOR_URL, more_urls=(URL,))

FACTORY = "1"
FAILED_DOWNLOAD, FAILED_UPDATE = frozenset({20}), frozenset({70, 80})
ANY_END = frozenset({20, 80, 100})

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
    "gate": Story((both(),), befalls=low),
    "gate shut": Story((both("400"),), FAILED_DOWNLOAD, metered),
    "start forced": Story((both(),), befalls=in_a_call),
    "put off": Story((both(),), befalls=put_off),
    "not wanted": Story((both("200", "401"),), ANY_END, not_wanted),
    "cancelled": Story((both("200", "401"),), ANY_END, cancelled),
    "silent": Story((both("410"),), FAILED_UPDATE, silent),
    "delta": Story((BY_DELTA,), befalls=small),
    "wrong delta": Story((BY_DELTA,), befalls=small_and_wrong),
    "described": Story((DESCRIBED,), befalls=described),
    "described to nobody": Story((DESCRIBED,), befalls=described_to_nobody),
    "busy": Story((both(),), rival=Rival(DOWNLOAD)),
}
