"""A device of the server's stories that does as its profile says."""

from dataclasses import dataclass, field

from fumo.codes import AlertCode, Kind, Mark
from fumo.dm.message import Add, Alert, Command, Exec, Item, Location, Replace
from fumo.dm.session import Request
from fumo.profiles import play
from fumo.profiles.profile import STANDARD, Profile
from tests.server.device import DEV_INFO, URL, Device, fumo_tree


@dataclass
class Played(Device):
    """One device of a kind."""

    profile: Profile = field(default=STANDARD)

    def first_words(self) -> list[Request]:
        items = tuple(Item(source=Location(f"./DevInfo/{n}"), data=f"{n}-x") for n in DEV_INFO)
        begin = Alert(AlertCode.CLIENT_INITIATED)
        said = play.first_words(self.profile, begin, Replace(items), self.outbox)
        return [Request(f"alert:{i}" if c in self.outbox else "", c) for i, c in enumerate(said)]

    def ends(self, result: int, state: str, mark: Mark = Mark.INFORMATIONAL) -> None:
        """The last Exec has its result: all its alerts are in the outbox."""
        command: Exec = self.execs[-1]
        target = command.items[0].target
        assert target is not None
        kind = Kind(target.uri.rpartition("/")[2])
        told = play.alerts(self.profile, kind, result, mark, command.correlator)
        self.state = state
        self.outbox = list(told)

    def do(self, command: Command, uri: str) -> tuple[int, tuple[Item, ...]]:
        """An Add makes a leaf, once."""
        if not isinstance(command, Add):
            return super().do(command, uri)
        if uri in self.tree:
            return 418, ()
        self.tree[uri] = str(command.items[0].data)
        return 200, ()

    @property
    def address(self) -> str:
        return super().address if self.profile.follows_resp_uri else URL


def device_of(profile: Profile) -> Played:
    """A device of this kind, with the tree that such devices have."""
    tree = fumo_tree(profile.object_uri, profile.object_type)
    if profile.adds_url:
        tree = {uri: value for uri, value in tree.items() if not uri.endswith("/PkgURL")}
    return Played(tree=tree, lists=profile.lists, profile=profile)
