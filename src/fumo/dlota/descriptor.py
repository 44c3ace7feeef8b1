"""Download descriptors: a small document at PkgURL that says where the package is. Pure.

    <media><type>application/octet-stream</type><size>1000</size><objectURI>fw.bin</objectURI></media>

Promise: `read` gives a `Descriptor` with all that is mandatory in it, or raises DecodeError.
`write` gives what `read` takes back as the same value.
Never resolves an address, and believes nothing: sizes and types here are what the received
package is held against, not what it is taken for.
"""

from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from msgspec import Struct

from fumo.dlota.notify import Code
from fumo.dm.shown import shown
from fumo.dm.xml import parse_counted
from fumo.errors import DecodeError

MEDIA_TYPE = "application/vnd.oma.dd+xml"
OTHER_TYPES = ("application/vnd.oma.dd2+xml", "multipart/related")
"""Descriptors of OMA Download 2.0, and a descriptor that brings its object along."""
BYTES_MAX = 64 * 1024
SIZE_DIGITS_MAX = 15
NO_VERSION = "1.0"
"""What a descriptor without DDVersion is."""
KNOWN_MAJOR = "1"
NAMESPACE = "http://www.openmobilealliance.org/xmlns/dd"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


class Descriptor(Struct, frozen=True):
    """What a descriptor says. Addresses may be relative to its own; texts may be empty.

    `types` are what the package may come as, in lower case and without parameters.
    """

    types: tuple[str, ...]
    size: int
    object_uri: str
    notify_uri: str | None = None
    next_url: str | None = None
    name: str = ""
    vendor: str = ""
    description: str = ""
    install_param: str = ""


class BadDescriptor(DecodeError):
    """A descriptor that cannot be followed; `notify_uri` is who wants to be told, if it says."""

    code = Code.INVALID_DESCRIPTOR

    def __init__(self, what: str) -> None:
        """`what` is one short sentence."""
        super().__init__(what)
        self.notify_uri: str | None = None


class WrongVersion(BadDescriptor):
    """A descriptor of a version that is not ours: nothing more of it may be read."""

    code = Code.INVALID_VERSION


def read(body: bytes) -> Descriptor:
    """The descriptor in a body; elements and attributes that nobody knows are passed over."""
    if len(body) > BYTES_MAX:
        raise BadDescriptor(f"a descriptor of more than {BYTES_MAX} bytes")
    root = parse_counted(body)
    if _name(root.tag) != "media":
        raise BadDescriptor(f"no descriptor: its root is {shown(root.tag)}")
    said = _said(root)
    try:
        _check_version(root, said)
        return _descriptor(said)
    except BadDescriptor as bad:
        bad.notify_uri = _text(said, "installNotifyURI") or None
        raise


def write(descriptor: Descriptor) -> bytes:
    """The document that says so."""
    told = [("type", kind) for kind in descriptor.types]
    told += [(name, text) for name, text in _texts(descriptor) if text]
    lines = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told)
    return f'{HEAD}<media xmlns="{NAMESPACE}">{lines}</media>'.encode()


def _texts(descriptor: Descriptor) -> tuple[tuple[str, str | None], ...]:
    """In the order of the standard's own example."""
    return (
        ("objectURI", descriptor.object_uri),
        ("size", str(descriptor.size)),
        ("installNotifyURI", descriptor.notify_uri),
        ("nextURL", descriptor.next_url),
        ("DDVersion", NO_VERSION),
        ("name", descriptor.name),
        ("description", descriptor.description),
        ("vendor", descriptor.vendor),
        ("installParam", descriptor.install_param),
    )


def _descriptor(said: dict[str, list[str]]) -> Descriptor:
    return Descriptor(
        types=_types(said),
        size=_size(said),
        object_uri=_one(said, "objectURI"),
        notify_uri=_text(said, "installNotifyURI") or None,
        next_url=_text(said, "nextURL") or None,
        name=_text(said, "name"),
        vendor=_text(said, "vendor"),
        description=_text(said, "description"),
        install_param=_text(said, "installParam"),
    )


def media_type_of(header: str | None) -> str | None:
    """A Content-Type without its parameters, in lower case; None when there is none."""
    plain = (header or "").partition(";")[0].strip().lower()
    return plain or None


def _name(tag: str) -> str:
    return tag.rpartition(":")[2].rpartition("}")[2]


def _said(root: Element) -> dict[str, list[str]]:
    """The texts of the root's children, by name."""
    said: dict[str, list[str]] = {}
    for child in root:
        said.setdefault(_name(child.tag), []).append((child.text or "").strip())
    return said


def _check_version(root: Element, said: dict[str, list[str]]) -> None:
    """Told as an attribute by some, as an element by others."""
    version = root.get("DDVersion") or _text(said, "DDVersion") or NO_VERSION
    if version.strip().partition(".")[0] != KNOWN_MAJOR:
        raise WrongVersion(f"a descriptor of version {shown(version)}")


def _types(said: dict[str, list[str]]) -> tuple[str, ...]:
    types = tuple(kind for text in said.get("type", ()) if (kind := media_type_of(text)))
    if not types:
        raise BadDescriptor("a descriptor without a type")
    return types


def _size(said: dict[str, list[str]]) -> int:
    text = _one(said, "size")
    if not (text.isascii() and text.isdigit() and len(text) <= SIZE_DIGITS_MAX):
        raise BadDescriptor(f"a descriptor whose size is {shown(text)}")
    return int(text)


def _one(said: dict[str, list[str]], name: str) -> str:
    """A mandatory text: two of them would be two packages."""
    texts = said.get(name, [])
    if len(texts) != 1 or not texts[0]:
        raise BadDescriptor(f"a descriptor has one {name}, and this one {len(texts)}")
    return texts[0]


def _text(said: dict[str, list[str]], name: str) -> str:
    return said.get(name, [""])[0]
