"""Kinds of devices and what they do otherwise than the standard: one row a kind. Pure.

The server reads four columns, `progress`, `follows_resp_uri`, `adds_url` and `descriptor`: what it
could not tell by itself.
All others it forgives without being told; they are for whoever plays such a device (`play`).
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from fumo.codes import ManagementObject


class Source(StrEnum):
    """What stands in an alert's Source."""

    OBJECT = "object"
    OPERATION = "operation"
    NOTHING = "nothing"


class Profile(Struct, frozen=True):
    """One kind of device; each default is the standard's word.

    `progress`: codes of a DownloadAndUpdate that do not end it. `adds_url`: PkgURL is not there
    before its server adds it. `descriptor`: its PkgURL must lead to a descriptor. `before`: codes
    that such a device tells on its way. `data` is how a code is written, `times` how often each
    alert is said.
    `alerts_first`: results stand before the alert that begins the session (1201).
    """

    name: str
    sentence: str
    progress: range = range(0)
    follows_resp_uri: bool = True
    adds_url: bool = False
    descriptor: bool = False
    object_uri: str = "./FwUpdate/x"
    object_type: str = ManagementObject.FUMO
    lists: bool = True
    alerts_first: bool = False
    source: Source = Source.OBJECT
    older_types: bool = False
    format: str | None = "int"
    data: str = "{}"
    marks: bool = True
    correlates: bool = True
    before: tuple[int, ...] = ()
    times: int = 1


STANDARD = Profile("standard", "does what the standard says")

ROWS = (
    STANDARD,
    Profile(
        "vendor-progress",
        "tells a finished download by a success of its own, and the result later",
        progress=range(250, 300),
        source=Source.OPERATION,
        format="node",
        before=(255,),
    ),
    Profile(
        "early-handset",
        "has no PkgURL until that is added, names the operation as source, and cannot list nodes",
        adds_url=True,
        lists=False,
        source=Source.OPERATION,
        marks=False,
    ),
    Profile(
        "older-types",
        "has its operations right below ./FUMO and speaks the alert types of a draft, with a cause",
        object_uri="./FUMO",
        older_types=True,
        format="chr",
        data="{} cause",
        correlates=False,
        before=(190, 198),
    ),
    Profile(
        "older-object",
        "names the type of its object without urn, and says text/plain of a number",
        object_uri="./FUMO/x",
        object_type="org.openmobilealliance/1.0/FirmwareUpdateManagementObject",
        source=Source.OPERATION,
        format="text/plain",
    ),
    Profile(
        "alerts-first",
        "says its results before the alert that begins the session, without a source or a format",
        alerts_first=True,
        source=Source.NOTHING,
        format=None,
    ),
    Profile("twice", "says each alert twice in one message", times=2),
    Profile(
        "one-address",
        "does not follow RespURI, so that its session is known by its number alone",
        follows_resp_uri=False,
    ),
    Profile(
        "descriptors",
        "downloads what a descriptor of OMA Download leads to, and nothing else",
        descriptor=True,
    ),
)

PROFILES: Mapping[str, Profile] = {row.name: row for row in ROWS}


def profile_of(name: str) -> Profile:
    """The row of this name; a name that is gone means the standard."""
    return PROFILES.get(name, STANDARD)
