"""Where something listens, as people write it: HOST, HOST:PORT or [IPv6]:PORT. Pure."""

from urllib.parse import urlsplit


def host_and_port(text: str, port: int) -> tuple[str, int]:
    """With this port where none is said; ValueError when it is none of them."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.netloc != text or "@" in text or parts.port == 0:
        raise ValueError(f"{text!r} is no host and port")
    return parts.hostname, parts.port or port
