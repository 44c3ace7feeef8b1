"""How long somebody who guesses passwords has to wait. Pure.

Failures are counted for three names at once: of this user from this place, of this place, and of
this user from anywhere. The free tries grow in that order, so that who guesses from one place
locks out that place before anybody else. A token opens the door meanwhile, and the owner's socket.
"""

import ipaddress

from msgspec import Struct

FORGOTTEN_S = 24 * 3600.0
"""After this long without a try nothing is held against anybody."""
FIRST_WAIT_S = 60.0
WAIT_MAX_S = 3600.0


class Free(Struct, frozen=True):
    """Tries that cost no waiting: of a user at one place, of a place, and of a user anywhere."""

    both: int = 5
    place: int = 20
    user: int = 100


def counted(user: str, place: str, free: Free) -> dict[str, int]:
    """What one try counts against, and how many are free there."""
    return {
        f"both {place} {user}": free.both,
        f"place {place}": free.place,
        f"user {user}": free.user,
    }


def wait_s(failures: int, free: int) -> float:
    """How long after this failure the next try may come."""
    if failures < free:
        return 0.0
    return min(FIRST_WAIT_S * 2.0 ** min(failures - free, 16), WAIT_MAX_S)


def near(place: str) -> str:
    """Whose place it is: of IPv6 the network, since one subscriber has 2^64 addresses of it."""
    try:
        address = ipaddress.ip_address(place)
    except ValueError:
        return place
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False).network_address) + "/64"
    return str(address)
