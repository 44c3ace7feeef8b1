"""Pushes as UDP datagrams: WSP's connectionless push. Nothing tells whether one arrives."""

from fumo.dm.wsp import PUSH_PORT, build
from fumo.server.edges import udp_push
from fumo.server.places import host_and_port
from fumo.server.waking import Parcel, Sent


class Udp:
    """Implements `Sender`: nothing is held, and nothing waited for but a name."""

    def send(self, parcel: Parcel) -> Sent:
        """One datagram, once."""
        try:
            udp_push.send(build(parcel.push), host_and_port(parcel.place, PUSH_PORT))
        except OSError as fault:
            return Sent(f"nothing could be sent: {fault}")
        return Sent()

    def close(self) -> None:
        """Nothing is held."""
