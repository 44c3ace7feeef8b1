"""The tables of a server's file that are not `[serve]`: each read by its owner's own Struct.

    FUMO_<SECTION>_<KEY>  >  the file  >  the default

A row in `SECTIONS` is all that a new one needs. A setting that is a secret (`Meta(extra={"secret":
True})`) may be given as `<key>_file`, the name of a file that holds it, as containers and systemd
hand secrets over. Promises: all that is wrong is found at once; no secret is in what is told.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import Struct

from fumo.device.reading import Flaw, Reading, copied, leaves, like

SECTIONS: dict[str, str] = {
    "deltas": "fumo.depot.deltas.limits:Limits",
    "s3": "fumo.depot.places:S3Settings",
    "senders": "fumo.server.main:Senders",
}
"""The name of each table, and `module:Struct` of its owner, imported when a server starts."""

PREFIX = "FUMO_"
FILE = "_file"
SECRET_BYTES_MAX = 64 * 1024


class Sections(Struct, frozen=True):
    """One Struct for each table, and where each value is from that is no default, by its path."""

    values: Mapping[str, Struct]
    origins: Mapping[str, str]
    flaws: tuple[Flaw, ...] = ()


def kinds() -> dict[str, type[Struct]]:
    """The owners' Structs."""
    found = {}
    for name, where in SECTIONS.items():
        module, _, struct = where.partition(":")
        found[name] = getattr(import_module(module), struct)
    return found


def read_sections(
    table: Mapping[str, Any], origin: str, env: Mapping[str, str], known: Mapping[str, type[Struct]]
) -> Sections:
    """Every known table out of a file and the environment; what is wrong stays at its default."""
    reading = Reading(origin, (PREFIX, "-"))
    tree = {name: table.get(name, {}) for name in known}
    tree = copied(tree)
    for name, kind in known.items():
        _lay_env(reading, tree, name, env, kind)
        _lay_files(reading, tree, name, kind)
    values = {name: reading.struct(kind, tree[name], name) for name, kind in known.items()}
    return Sections(values, reading.origins, tuple(reading.flaws))


def variable(path: str) -> str:
    """The name in the environment of a setting."""
    return PREFIX + path.replace(".", "_").upper()


def _lay_env(
    reading: Reading, tree: dict[str, Any], name: str, env: Mapping[str, str], kind: type[Struct]
) -> None:
    names = {variable(path): path for path in _paths(name, kind)}
    for said, text in sorted(env.items()):
        if not said.startswith(f"{variable(name)}_"):
            continue
        if said in names:
            reading.lay(tree, names[said], said, text)
        else:
            text = f"no setting has this name{like(said, names)}"
            reading.flaws.append(Flaw(said, "", text))


def _paths(name: str, kind: type[Struct]) -> Iterator[str]:
    for path, _, secret in leaves(kind(), name):
        yield path
        if secret:
            yield path + FILE


def _lay_files(reading: Reading, tree: dict[str, Any], name: str, kind: type[Struct]) -> None:
    """Secrets that stand in files of their own."""
    for path in [path for path, _, secret in leaves(kind(), name) if secret]:
        *above, last = path.split(".")
        here: Any = tree
        for part in above:
            here = here.get(part, {}) if isinstance(here, dict) else {}
        if not isinstance(here, dict) or last + FILE not in here:
            continue
        file = here.pop(last + FILE)
        try:
            if last in here:
                raise ValueError(f"is said twice: as {last} and as {last}{FILE}")
            here[last] = _secret(file)
            reading.origins[path] = str(file)
        except (OSError, ValueError) as fault:
            why = getattr(fault, "strerror", None) or str(fault)
            reading.flaws.append(Flaw(str(file), path + FILE, why))


def _secret(file: object) -> str:
    if not isinstance(file, str):
        raise ValueError("must be the name of a file")
    with Path(file).open("rb") as opened:
        body = opened.read(SECRET_BYTES_MAX)
    try:
        return body.decode().strip("\r\n")
    except UnicodeDecodeError:
        raise ValueError("holds no text") from None
