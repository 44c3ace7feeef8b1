"""The numbers of WBXML for SyncML: tokens, code pages, public identifiers. Tables only. Pure.

From WBXML 1.3 §7.1 and the SyncML representation protocol (DM RepPro §8).
"""

SWITCH_PAGE = 0x00
END = 0x01
ENTITY = 0x02
STR_I = 0x03
LITERAL = 0x04
PI = 0x43
STR_T = 0x83
OPAQUE = 0xC3
HAS_CONTENT = 0x40
HAS_ATTRIBUTES = 0x80
TAG_BITS = 0x3F

RESERVED = {
    LITERAL: "LITERAL",
    0x44: "LITERAL_C",
    0x84: "LITERAL_A",
    0xC4: "LITERAL_AC",
    PI: "PI",
    0x40: "EXT_I_0",
    0x41: "EXT_I_1",
    0x42: "EXT_I_2",
    0x80: "EXT_T_0",
    0x81: "EXT_T_1",
    0x82: "EXT_T_2",
    0xC0: "EXT_0",
    0xC1: "EXT_1",
    0xC2: "EXT_2",
}
"""Global tokens that no SyncML document has a use for, by name."""

VERSIONS = range(4)
"""WBXML 1.0 to 1.3. They differ in nothing that SyncML uses."""

UTF8_CHARSETS = {0x6A, 0x03, 0x00}
"""UTF-8; US-ASCII, which is a part of it; and unknown, which in the field is UTF-8 too."""

SYNCML_1_2 = 0x1201
PUBLIC_IDS = {SYNCML_1_2, 0x0FD1, 0x0FD3, 0x01}
"""SyncML 1.2, 1.0, 1.1, and "unknown", which some clients write."""

FPI_MARK = "SYNCML"
"""A public identifier written out holds this word, in one case or another."""

_SYNCML = """
Add Alert Archive Atomic Chal Cmd CmdID CmdRef Copy Cred Data Delete Exec Final Get Item Lang
LocName LocURI Map MapItem Meta MsgID MsgRef NoResp NoResults Put Replace RespURI Results Search
Sequence SessionID SftDel Source SourceRef Status Sync SyncBody SyncHdr SyncML Target TargetRef -
VerDTD VerProto NumberOfChanges MoreData Field Filter Record FilterType SourceParent TargetParent
Move Correlator
"""
_METINF = """
Anchor EMI Format FreeID FreeMem Last Mark MaxMsgSize Mem MetInf Next NextNonce SharedMem Size Type
Version MaxObjSize FieldLevel
"""
_DMDDF = """
AccessType ACL Add b64 bin bool chr CaseSense CIS Copy CS date DDFName DefaultValue Delete
Description DFFormat DFProperties DFTitle DFType Dynamic Exec float Format Get int Man MgmtTree
MIME Mod Name Node node NodeName null Occurrence One OneOrMore OneOrN Path Permanent Replace
RTProperties Scope Size time Title TStamp Type Value VerDTD VerNo xml ZeroOrMore ZeroOrN ZeroOrOne
"""
FIRST_TAG = 0x05


def _page(names: str) -> list[str | None]:
    tags: list[str | None] = [None] * (TAG_BITS + 1)
    for token, name in enumerate(names.split(), FIRST_TAG):
        tags[token] = None if name == "-" else name
    return tags


PAGES = (_page(_SYNCML), _page(_METINF), _page(_DMDDF))
"""Names by token, for each code page."""

TOKENS = tuple({name: token for token, name in enumerate(page) if name} for page in PAGES)
"""Tokens by name, for each code page."""

EMBEDDED_PAGE = 2
"""Device descriptions and tree exchanges (DMDDF, TNDS), written into a message."""
