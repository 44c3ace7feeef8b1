"""What operators may order, over the store: devices, packages, and how campaigns are steered.

Every order is checked here, and one that makes no sense is `Denied` with words that say what to do.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.profiles.profile import PROFILES
from fumo.server.attributes import Marks
from fumo.server.attributes import checked as checked_marks
from fumo.server.cancelling import cancelled
from fumo.server.carrying import CARRIED_BYTES_MAX
from fumo.server.denied import Denied
from fumo.server.following import FOLLOW_MAX, check_ends
from fumo.server.notify import notice, ui_mode
from fumo.server.operation import RETRIED
from fumo.server.ports import Store
from fumo.server.rows import DEADLINE_S, Campaign, Device, Operation, Package
from fumo.server.steering import BY_OWNER, ORDERS, OWNER, By, ordered, ordered_anew
from fumo.server.sweep import advance, follow
from fumo.server.targets import Targets, checked
from fumo.server.terms import Terms
from fumo.server.waking import ATTRIBUTE, Wake, way_of

THEN_UPDATE = "download-then-update"
PKG_DATA = "pkgdata"
"""An update whose package DM itself carries into PkgData."""
KINDS = {kind.value.lower(): kind for kind in Kind} | {
    THEN_UPDATE: Kind.DOWNLOAD,
    PKG_DATA: Kind.UPDATE,
}
ID_LENGTH_MAX = 256


class Missing(Denied):
    """What an order names is not there."""


class Office(Struct, frozen=True):
    """Carries out orders; runs on the writer's thread."""

    store: Store
    octets: Callable[[int], bytes]
    server_id: str = "fumo"

    def add_device(self, device: Device) -> Device:
        """A device that may come."""
        if not (0 < len(device.id) <= ID_LENGTH_MAX and device.id.isprintable()):
            raise Denied("a device's id has 1 to 256 printable characters")
        if not (device.user and device.secret and device.server_secret):
            raise Denied("a device needs a user, a password, and a password of the server")
        if device.secret == device.server_secret:
            # DM Security §5.1: else anybody could send a side's own proof back to it
            raise Denied("the server needs another password than the device")
        if device.profile not in PROFILES:
            raise Denied(f"no profile {device.profile!r}: there are {', '.join(PROFILES)}")
        if not self.store.add_device(device):
            raise Denied(f"device {device.id!r} is there already")
        return device

    def mark(self, targets: Targets, marks: Marks) -> int:
        """Attributes and tags of devices: how many devices were chosen."""
        return self.store.mark(self._there(checked(targets)), checked_marks(marks))

    def _there(self, targets: Targets) -> Targets:
        missing = self.store.missing(targets.devices) if targets.devices else None
        if missing is not None:
            raise Missing(f"no device {missing!r}: add it with 'fumo devices add'")
        return targets

    def add_package(self, package: Package) -> Package:
        """A package that stands in the depot."""
        if not (package.name and package.version):
            raise Denied("a package has a name and a version")
        return self.store.add_package(package)

    def begin(self, order: "Order", at_s: float, who: str = OWNER) -> Campaign:
        """A campaign and its operations."""
        package = find(self.store, order.package)
        plain = _plain(order, package, at_s, who)
        targets = self._there(checked(Targets(order.devices, order.filter, order.dynamic)))
        number = self.store.number_of(targets, package)
        if number == 0 and not targets.dynamic:
            raise Denied("the filter chooses no device: look at its preview")
        chosen = replace(plain, filter=targets.filter or "", dynamic=targets.dynamic)
        campaign = self.store.add_campaign(order.terms.campaign(chosen, number), targets)
        advance(self.store, campaign.id, at_s)
        return campaign

    def steer(self, campaign_id: int, word: str, at_s: float, by: By = BY_OWNER) -> Campaign:
        """Any word of `steering.ORDERS`: start, pause, resume, next-group, stop, approve, ..."""
        if word not in ORDERS:
            raise Missing(f"no order {word!r}: there are {', '.join(ORDERS)}")
        done = self.store.change(campaign_id, at_s, lambda now: ordered(now, word, at_s, by))
        if done is None:
            raise Missing(f"no campaign {campaign_id}")
        advance(self.store, campaign_id, at_s)
        return done

    def notice(self, device_id: str, ui: str, at_s: float) -> "Notice":
        """A notification for a device, with a session id of its own."""
        device = self.store.device(device_id)
        if device is None:
            raise Missing(f"no device {device_id!r}: add it with 'fumo devices add'")
        mode = ui_mode(ui)
        notice(device, self.server_id, 1, mode)  # denied before a session id is spent
        session_id = self.store.next_notice(device_id, at_s)
        return Notice(session_id, notice(device, self.server_id, session_id, mode))

    def wake(self, device_id: str, ui: str, to: str, at_s: float) -> Wake:
        """Ask a device to come, again and again until it does; by its attribute, or by `to`."""
        device = self.store.device(device_id)
        if device is None:
            raise Missing(f"no device {device_id!r}: add it with 'fumo devices add'")
        notice(device, self.server_id, 1, ui_mode(ui))  # denied at once, if it cannot be told
        text = to or self.store.address_of(device_id)
        if not text:
            raise Denied(
                f"{device_id!r} has no attribute {ATTRIBUTE!r} that says where it listens: say"
                f" 'fumo devices mark --set {ATTRIBUTE}=udp:HOST:PORT', or give an address"
            )
        kind = way_of(text).kind
        wake = Wake(device_id, 0, None, kind, to, ui, since_s=at_s, next_at_s=at_s)
        return self.store.wake(wake)

    def cancel(self, operation_id: int, who: str, at_s: float) -> Operation:
        """One operation: at once if it was never sent, else when the device has reported."""
        done = self.store.change_operation(operation_id, lambda now: cancelled(now, who, at_s))
        if done is None:
            raise Missing(f"no operation {operation_id}")
        return done

    def retry(
        self, campaign_id: int, at_s: float, by: By = BY_OWNER, ends: Sequence[str] = ()
    ) -> int:
        """A new operation for each that ended so, failed or refused unless it is said: how many."""

        def order(campaign: Campaign, found: set[str]) -> Campaign:
            return ordered_anew(campaign, found, by)

        check_ends(ends or RETRIED)
        number = self.store.order_anew(campaign_id, tuple(ends) or RETRIED, at_s, order)
        if number is None:
            raise Missing(f"no campaign {campaign_id}")
        made = follow(self.store, campaign_id, at_s, self.octets)
        return min(number, made) if number <= FOLLOW_MAX else number


class Notice(Struct, frozen=True):
    """A notification to be sent, and the session that it asks for."""

    session_id: int
    datagram: bytes


class Order(Struct, frozen=True):
    """A package by name, `name@version` or id, for devices by id or by a filter (`Targets`)."""

    package: str
    devices: Sequence[str]
    operation: str
    name: str = ""
    deadline_s: float = DEADLINE_S
    terms: Terms = Terms()
    filter: str | None = None
    dynamic: bool = False


def find(store: Store, words: str) -> Package:
    """The package that these words name."""
    name, _, version = words.rpartition("@") if "@" in words else (words, "", "")
    package = store.find_package(name, version or None)
    if package is None and words.isdigit():
        package = store.package(int(words))
    if package is None:
        raise Missing(f"no package {words!r}: add it with 'fumo package add'")
    return package


def _plain(order: Order, package: Package, at_s: float, who: str) -> Campaign:
    """A campaign without its terms and its devices."""
    word = order.operation.lower()
    kind = KINDS.get(word)
    if kind is None:
        raise Denied(f"no operation {order.operation!r}: there are {', '.join(KINDS)}")
    if word == PKG_DATA and package.length > CARRIED_BYTES_MAX:
        raise Denied(
            f"{package.name} has {package.length} bytes, and DM carries {CARRIED_BYTES_MAX} at"
            f" most: order {Kind.DOWNLOAD_AND_UPDATE.value.lower()}"
        )
    name = order.name or f"{package.name} {package.version}"
    plain = Campaign(0, name, package.id, kind, at_s, order.deadline_s, made_by=who)
    return replace(plain, then_update=word == THEN_UPDATE, carries=word == PKG_DATA)
