"""The content model of DM messages, once, for both directions and both forms. Tables only. Pure.

A `Shape` says which elements a value's fields become, in the order in which they must be written
(DM RepPro §6, the order of the field's encoders); readers accept any order. XML and WBXML take
their names, namespaces and code pages from here, so that they cannot disagree.
"""

from enum import Enum

from msgspec import Struct

from fumo.dm import message as dm

SYNCML_PAGE = 0
METINF_PAGE = 1


class Kind(Enum):
    """What an element holds when it holds no elements."""

    TEXT = "text; blanks around it say nothing"
    EXACT = "text in which every character counts"
    NUMBER = "a natural number"
    ID = "a natural number, or a word of the peer's"
    FLAG = "nothing: to be there is its meaning"
    DATA = "text or raw bytes"


class Field(Struct, frozen=True):
    """One field of a value, and the element it travels in."""

    element: str
    name: str
    holds: "Kind | Shape"
    many: bool = False
    unsaid: object = None
    """The value of the field for which no element is written."""


class Shape(Struct, frozen=True, eq=False):
    """One kind of value: its fields in the order of writing. Each shape is only itself."""

    struct: type[Struct]
    fields: tuple[Field, ...]
    page: int = SYNCML_PAGE
    """WBXML code page, and XML namespace, of its children."""
    holds_commands: bool = False


def _many(element: str, name: str, holds: "Kind | Shape") -> Field:
    return Field(element, name, holds, many=True, unsaid=())


LOCATION = Shape(
    dm.Location,
    (Field("LocURI", "uri", Kind.TEXT), Field("LocName", "name", Kind.TEXT)),
)
META = Shape(
    dm.Meta,
    (
        Field("Format", "format", Kind.TEXT),
        Field("Type", "type", Kind.TEXT),
        Field("Mark", "mark", Kind.TEXT),
        Field("Size", "size", Kind.NUMBER),
        Field("NextNonce", "next_nonce", Kind.TEXT),
        Field("MaxMsgSize", "max_msg_size", Kind.NUMBER),
        Field("MaxObjSize", "max_obj_size", Kind.NUMBER),
    ),
    page=METINF_PAGE,
)
_META = Field("Meta", "meta", META)
_CMD_ID = Field("CmdID", "cmd_id", Kind.ID, unsaid=0)
ITEM = Shape(
    dm.Item,
    (
        Field("Target", "target", LOCATION),
        Field("Source", "source", LOCATION),
        _META,
        Field("Data", "data", Kind.DATA),
        Field("MoreData", "more_data", Kind.FLAG, unsaid=False),
    ),
)
_ITEMS = _many("Item", "items", ITEM)
_CORRELATOR = Field("Correlator", "correlator", Kind.EXACT)
CRED = Shape(dm.Cred, (_META, Field("Data", "data", Kind.TEXT)))
CHAL = Shape(dm.Chal, (_META,))

HEADER = Shape(
    dm.Header,
    (
        Field("VerDTD", "ver_dtd", Kind.TEXT),
        Field("VerProto", "ver_proto", Kind.TEXT),
        Field("SessionID", "session_id", Kind.TEXT),
        Field("MsgID", "msg_id", Kind.NUMBER),
        Field("Target", "target", LOCATION),
        Field("Source", "source", LOCATION),
        Field("RespURI", "resp_uri", Kind.TEXT),
        Field("Cred", "cred", CRED),
        _META,
    ),
)

_ON_ITEMS = (_CMD_ID, _META, _ITEMS)
COMMANDS: dict[str, Shape] = {
    "Status": Shape(
        dm.Status,
        (
            _CMD_ID,
            Field("MsgRef", "msg_ref", Kind.NUMBER),
            Field("CmdRef", "cmd_ref", Kind.ID),
            Field("Cmd", "cmd", Kind.TEXT),
            _many("TargetRef", "target_refs", Kind.TEXT),
            _many("SourceRef", "source_refs", Kind.TEXT),
            Field("Chal", "chal", CHAL),
            Field("Data", "code", Kind.NUMBER),
            _ITEMS,
        ),
    ),
    "Results": Shape(
        dm.Results,
        (
            _CMD_ID,
            Field("MsgRef", "msg_ref", Kind.NUMBER),
            Field("CmdRef", "cmd_ref", Kind.ID),
            _META,
            Field("TargetRef", "target_ref", Kind.TEXT),
            Field("SourceRef", "source_ref", Kind.TEXT),
            _ITEMS,
        ),
    ),
    "Alert": Shape(
        dm.Alert,
        (_CMD_ID, Field("Data", "code", Kind.NUMBER), _CORRELATOR, _ITEMS),
    ),
    "Add": Shape(dm.Add, _ON_ITEMS),
    "Replace": Shape(dm.Replace, _ON_ITEMS),
    "Copy": Shape(dm.Copy, _ON_ITEMS),
    "Delete": Shape(dm.Delete, _ON_ITEMS),
    "Get": Shape(dm.Get, _ON_ITEMS),
    "Exec": Shape(dm.Exec, (_CMD_ID, _META, _CORRELATOR, _ITEMS)),
    "Atomic": Shape(dm.Atomic, (_CMD_ID, _META), holds_commands=True),
    "Sequence": Shape(dm.Sequence, (_CMD_ID, _META), holds_commands=True),
}
UNKNOWN = Shape(dm.Unknown, (_CMD_ID,))
"""The shape of a command that DM does not have: its name is the element's."""

NO_COMMANDS = frozenset({"CmdID", "NoResp", "NoResults", "Cred", "Meta", "Final"})
"""What may stand beside commands in a body, an Atomic or a Sequence without being one."""
