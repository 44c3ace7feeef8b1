"""The codec beside libwbxml and ElementTree, on the two messages that every session begins with."""

import platform
from collections.abc import Callable
from importlib.util import find_spec
from xml.etree import ElementTree

from bench import libwbxml
from bench.messages import MESSAGES
from bench.page import table
from bench.rounds import measure, on_one_core, spread
from bench.targets import Target, Times, Verdict, judge, reasons, verdict_table
from fumo.dm import WBXML, XML, Message, decode, encode
from fumo.dm.reading import read_message

Things = dict[str, Callable[[], object]]

LIB_XML, LIB_VALUE, LIB_WBXML = "libwbxml to XML", "libwbxml, ET, value", "libwbxml to WBXML"
ET_ALONE, LXML_ALONE = "ET alone", "lxml alone"
READ_WBXML, READ_XML = "decode WBXML", "decode XML"
WRITE_WBXML, WRITE_XML = "encode WBXML", "encode XML"


TARGETS = (
    Target("WBXML decode, faster than libwbxml alone", LIB_XML, READ_WBXML, 0.7, 0.9),
    Target("WBXML decode, faster than libwbxml + ET to the value", LIB_VALUE, READ_WBXML, 2, 3),
    Target(
        "WBXML encode, faster than libwbxml",
        LIB_WBXML,
        WRITE_WBXML,
        1.5,
        3,
        "One call for each element, and one look at each field that is not there, make nearly all"
        " of the time. Tried: tags, page switches and ends joined beforehand, numbers without"
        " text between, fields as one tuple (together a third less). The rest would take code"
        " made from the schema, one function for each kind of value.",
    ),
    Target(
        "XML decode, in times of ET alone",
        READ_XML,
        ET_ALONE,
        2,
        1.4,
        "ElementTree is C; beside it stands a walk in Python that does for each element a look-up"
        " of its tag, a look at its text and its children, and a value: 0.2 µs each. Tried: leaves"
        " read in the loop over their parents, addresses and usual numbers by a short way, fewer"
        " searches in the body beforehand (together a fifth less); handlers of expat, with no tree"
        " between, cost more than tree and walk together. The rest would take C.",
    ),
)


def section(rounds: int) -> tuple[str, list[Verdict]]:
    """Measure it all: the section of the page, and the verdicts."""
    library = libwbxml.load()
    with on_one_core() as is_pinned:
        times = {
            name: measure(things(message, library), rounds) for name, message in MESSAGES.items()
        }
    verdicts = [judge(target, name, took) for name, took in times.items() for target in TARGETS]
    core = "pinned to one core" if is_pinned else "not pinned"
    about = (
        f"Python {platform.python_version()}, {rounds} rounds, processor time, {core};"
        " medians (least-most)."
    )
    missing = [] if library else [libwbxml.MISSING]
    tables = [verdict_table(verdicts), *reasons(verdicts), time_table(times)]
    parts = ["## Codec", about, *missing, *tables]
    return "\n\n".join(parts), verdicts


def things(message: Message, library: libwbxml.LibWbxml | None) -> Things:
    """What is timed for one message; each peer gets the form it likes best."""
    as_xml, as_wbxml = encode(message, XML), encode(message, WBXML)
    timed: Things = {
        READ_WBXML: lambda: decode(as_wbxml, WBXML),
        READ_XML: lambda: decode(as_xml, XML),
        WRITE_WBXML: lambda: encode(message, WBXML),
        WRITE_XML: lambda: encode(message, XML),
        ET_ALONE: lambda: ElementTree.fromstring(as_xml),
    }
    return timed | of_libwbxml(library, as_xml, as_wbxml) | of_lxml(as_xml)


def of_libwbxml(library: libwbxml.LibWbxml | None, as_xml: bytes, as_wbxml: bytes) -> Things:
    """Its ways, if it is installed."""
    if library is None:
        return {}
    return {
        LIB_XML: lambda: library.to_xml(as_wbxml),
        LIB_VALUE: lambda: read_message(ElementTree.fromstring(library.to_xml(as_wbxml))),
        LIB_WBXML: lambda: library.to_wbxml(as_xml),
    }


def of_lxml(as_xml: bytes) -> Things:
    """Its way, if it is installed: told, but no target speaks of it."""
    if find_spec("lxml") is None:
        return {}
    from lxml import etree

    return {LXML_ALONE: lambda: etree.fromstring(as_xml)}


def time_table(times: dict[str, Times]) -> str:
    """What each thing took."""
    rows = [
        [message, size_of(MESSAGES[message]), thing, str(spread(took_us))]
        for message, by_thing in times.items()
        for thing, took_us in by_thing.items()
    ]
    return table(["message", "XML/WBXML bytes", "thing", "µs"], rows)


def size_of(message: Message) -> str:
    """Its bytes in both forms."""
    return f"{len(encode(message, XML))}/{len(encode(message, WBXML))}"
