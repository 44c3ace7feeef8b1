"""Settings out of a file (TOML), the environment and a command line; each knows where it is from.

    a flag  >  FUMO_DEVICE_<SECTION>_<KEY>  >  the file  >  the default

Promises: whatever is wrong is found, all of it at once, and told with where it stands, its path,
what it must be and what it is; a name nobody knows is an error, too, since a typing error would
else be silence. Secrets are in no error. Reads no file and no environment itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from fumo.device.settings import Settings
from fumo.errors import FumoError

ENV_PREFIX = "FUMO_DEVICE_"
CONFIG_ENV = "FUMO_DEVICE_CONFIG"
TEXTS = (ENV_PREFIX, "-")
"""How the origins begin whose values are texts: variables and flags."""
DEFAULT = "default"
SHOWN_MAX = 60
LISTED_MAX = 20
HIDDEN = "***"


class Flaw(Struct, frozen=True):
    """One thing that is wrong: `origin` is a file, a variable or a flag."""

    origin: str
    path: str
    text: str

    def __str__(self) -> str:
        where = self.path if self.path and self.path != self.origin else ""
        return ": ".join(part for part in (self.origin, where, self.text) if part)


class SettingsError(FumoError):
    """Settings that make no sense: all flaws, one a line."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        """At least one."""
        super().__init__("\n".join(map(str, flaws)))
        self.flaws = tuple(flaws)


class Told(Struct, frozen=True):
    """Settings, and where each value that is no default is from, by its path."""

    settings: Settings
    origins: Mapping[str, str]

    def origin(self, path: str) -> str:
        """Of one value."""
        return self.origins.get(path, DEFAULT)


def parse_toml(text: str, origin: str) -> dict[str, Any]:
    """A file's tables. SettingsError: it is no TOML."""
    import tomllib  # here, since most tests and many devices have no file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Flaw(origin, "", f"no TOML: {error}")]) from error


def read(
    table: Mapping[str, Any],
    origin: str = "",
    env: Mapping[str, str] | None = None,
    flags: Mapping[str, tuple[str, Any]] | None = None,
) -> Told:
    """The settings of all three. `table` is the file's, `origin` its name.

    `flags` are values by their path, each with the name of its flag; a path of an object is
    written `object.slots` and means the only one there is.
    """
    reading = Reading(origin)
    tree = copied(table)
    for name, text in sorted((env or {}).items()):
        reading.lay_env(tree, name, text)
    for path, (name, value) in (flags or {}).items():
        reading.lay(tree, path, name, value)
    made = reading.struct(Settings, tree, "")
    if reading.flaws:
        raise SettingsError(reading.flaws)
    return Told(made, reading.origins)


def leaves(settings: Struct, path: str = "") -> Iterator[tuple[str, Any, bool]]:
    """Every single value with its path, and whether it is a secret; in the order of the layout."""
    for name, kind in get_type_hints(type(settings), include_extras=True).items():
        value = getattr(settings, name)
        at = f"{path}.{name}" if path else name
        if isinstance(value, Struct):
            yield from leaves(value, at)
        elif isinstance(value, tuple) and value and isinstance(value[0], Struct):
            for number, one in enumerate(value):
                yield from leaves(one, f"{at}[{number}]")
        else:
            yield at, value, is_secret(kind)


def env_names() -> dict[str, str]:
    """The path that each variable of the environment sets."""
    paths = [path.replace("[0]", "") for path, _, _ in leaves(Settings())]
    return {ENV_PREFIX + path.replace(".", "_").upper(): path for path in paths}


class Reading:
    """One reading: what was found wrong so far, and where values are from."""

    def __init__(self, origin: str, texts: tuple[str, ...] = TEXTS) -> None:
        """`origin` is the file's name; `texts`: how origins begin whose values are texts."""
        self.flaws: list[Flaw] = []
        self.origins: dict[str, str] = {}
        self._file, self._texts = origin, texts

    def lay_env(self, tree: dict[str, Any], name: str, text: str) -> None:
        """A variable over the file; those of other programs are not looked at."""
        if not name.startswith(ENV_PREFIX) or name == CONFIG_ENV:
            return
        known = env_names()
        if name not in known:
            self.flaws.append(Flaw(name, "", f"no setting has this name{like(name, known)}"))
            return
        self.lay(tree, known[name], name, text)

    def lay(self, tree: dict[str, Any], path: str, origin: str, value: Any) -> None:
        """One value over all that was laid before."""
        *above, last = path.split(".")
        here: Any = tree
        at = ""
        for part in above:
            at = f"{at}.{part}" if at else part
            here = here.setdefault(part, [{}] if at == "object" else {})
            if at == "object" and isinstance(here, list):
                at += "[0]"
                if len(here) > 1:
                    text = "there is more than one [[object]]: say it in the file"
                    self.flaws.append(Flaw(origin, path, text))
                    return
                here = here[0]
            if not isinstance(here, dict):
                return  # the file is wrong there, which is told when it is read
        here[last] = value
        self.origins[f"{at}.{last}"] = origin

    def struct(self, kind: type[Struct], value: Any, path: str) -> Any:
        """One table as its Struct; what is wrong in it stays at its default."""
        if not isinstance(value, Mapping):
            self._wrong(path, f"must be a table, [{path}], and is {_shown(value)}")
            return kind()
        hints = get_type_hints(kind, include_extras=True)
        for name in value:
            if name not in hints:
                at = f"{path}.{name}" if path else name
                self._wrong(at, f"no setting has this name{like(name, hints)}")
        known = {name: hint for name, hint in hints.items() if name in value}
        return kind(
            **{
                name: self._value(hint, value[name], f"{path}.{name}" if path else name, kind)
                for name, hint in known.items()
            }
        )

    def _value(self, hint: Any, value: Any, path: str, owner: type[Struct]) -> Any:
        if isinstance(hint, type) and issubclass(hint, Struct):
            return self.struct(hint, value, path)
        inner = get_args(hint)[0] if get_origin(hint) is tuple else None
        if isinstance(inner, type) and issubclass(inner, Struct):
            return self._list(inner, value, path)
        return self._leaf(hint, value, path, owner)

    def _list(self, kind: type[Struct], value: Any, path: str) -> Any:
        if not isinstance(value, list) or not value:
            self._wrong(path, f"must be tables, [[{path}]], and is {_shown(value)}")
            return (kind(),)
        return tuple(self.struct(kind, one, f"{path}[{n}]") for n, one in enumerate(value))

    def _leaf(self, hint: Any, value: Any, path: str, owner: type[Struct]) -> Any:
        origin = self.origins.setdefault(path, self._file)
        as_text = isinstance(value, str) and origin.startswith(self._texts)
        if as_text and get_origin(hint) is tuple:
            value = [word.strip() for word in value.split(",") if word.strip()]
        try:
            return msgspec.convert(value, hint, strict=not as_text)
        except msgspec.ValidationError:
            shown = HIDDEN if is_secret(hint) else _shown(value)
            self._wrong(path, f"must be {wanted(hint)}, and is {shown}")
            return getattr(owner(), path.rpartition(".")[2])

    def _wrong(self, path: str, text: str) -> None:
        self.flaws.append(Flaw(self.origins.get(path, self._file), path, text))


PLAIN = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    type(None): "nothing",
}


def wanted(hint: Any) -> str:
    """In words, what a value of this type is."""
    metas = [meta for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, Meta)]
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(_shown, get_args(hint)))
    if get_origin(hint) is tuple:
        return f"a list, each of it {wanted(get_args(hint)[0])}"
    if isinstance(hint, UnionType):
        return " or ".join(map(wanted, get_args(hint)))
    return PLAIN.get(hint, str(hint)) + "".join(map(_bounds, metas))


def _bounds(meta: Meta) -> str:
    words = {
        "gt": "more than {}",
        "ge": "{} or more",
        "lt": "less than {}",
        "le": "{} at most",
        "min_length": "{} characters or more",
        "max_length": "{} characters at most",
    }
    said = [
        text.format(_plain(bound))
        for name, text in words.items()
        if (bound := getattr(meta, name)) is not None
    ]
    return f" ({', '.join(said)})" if said else ""


def _plain(bound: float) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


def is_secret(hint: Any) -> bool:
    """Is a setting of this type never shown?"""
    metas = getattr(hint, "__metadata__", ())
    return any(isinstance(meta, Meta) and bool((meta.extra or {}).get("secret")) for meta in metas)


def like(name: str, known: Mapping[str, Any]) -> str:
    """Which name was meant, or which there are."""
    import difflib  # here: only a mistake needs it

    if near := difflib.get_close_matches(name, known, 1):
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(known)}" if 0 < len(known) < LISTED_MAX else ""


def _shown(value: Any) -> str:
    """A value as a file would say it, in one short piece."""
    try:
        text = msgspec.json.encode(value).decode()
    except (TypeError, ValueError):
        text = str(value)
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"


def copied(table: Mapping[str, Any]) -> dict[str, Any]:
    """To be laid over, without touching the caller's."""
    return {name: _copy(value) for name, value in table.items()}


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return copied(value)
    return [_copy(one) for one in value] if isinstance(value, list) else value
