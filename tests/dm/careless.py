"""Careless hands: what they make of messages in XML that were written well."""

import re
from collections.abc import Callable

Hand = Callable[[str], str]
"""What a careless hand makes of a message that is written well."""


def without(element: str, inside: str = "") -> Hand:
    """A hand that leaves out an element, or only those with these words."""
    pattern = re.compile(rf"<{element}>{inside or '[^<]*'}</{element}>")
    return lambda text: pattern.sub("", text)


def turned(text: str) -> str:
    """Each Status with its children the other way round."""
    children = re.compile(r"<(\w+)>[^<]*</\1>")
    return re.sub(
        r"<Status>((?:<(\w+)>[^<]*</\2>)+)</Status>",
        lambda found: (
            "<Status>"
            + "".join(reversed([one.group() for one in children.finditer(found.group(1))]))
            + "</Status>"
        ),
        text,
    )


def numbered_from_2(text: str) -> str:
    """A CmdID of 1 is none of this maker's."""
    return re.sub(r"<CmdID>(\d+)</CmdID>", lambda m: f"<CmdID>{int(m[1]) + 1}</CmdID>", text)


HANDS: dict[str, Hand] = {
    "no CmdID": without("CmdID"),
    "no CmdID for a Status": lambda text: re.sub(r"<Status><CmdID>\d+</CmdID>", "<Status>", text),
    "numbers from 2": numbered_from_2,
    "no CmdRef for the header": without("CmdRef", "0"),
    "an empty CmdRef for the header": lambda t: t.replace("<CmdRef>0</CmdRef>", "<CmdRef/>"),
    "no Cmd in a Status": lambda t: re.sub(r"<Cmd>(?!SyncHdr)\w+</Cmd>", "", t),
    "no references to addresses": lambda t: without("SourceRef")(without("TargetRef")(t)),
    "a Status the other way round": turned,
    "the namespace of 1.1": lambda t: t.replace("SYNCML:SYNCML1.2", "SYNCML:SYNCML1.1"),
    "no namespace": lambda t: re.sub(r' xmlns="[^"]*"', "", t),
    "lines and blanks": lambda t: t.replace("><", ">\r\n <"),
    "blanks around names": lambda t: re.sub(r"<(LocURI|SessionID)>([^<]*)<", r"<\1> \2\n<", t),
    "CDATA": lambda t: re.sub(r"<Data>([^<]+)<", r"<Data><![CDATA[\1]]><", t),
    "zeros before numbers": lambda t: re.sub(r"<(MsgID|MsgRef|CmdRef)>(\d)", r"<\1>00\2", t),
    "NoResp": lambda t: t.replace("</SessionID>", "</SessionID><NoResp/>"),
    "a document type": lambda t: DOCTYPE + t.removeprefix(DECLARATION),
}
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
DOCTYPE = '<!DOCTYPE SyncML PUBLIC "-//SYNCML//DTD SyncML 1.2//EN" "http://nowhere.invalid/x.dtd">'
