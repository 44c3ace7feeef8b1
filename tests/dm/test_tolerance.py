"""XML as the field writes it: careless, and still understood.

Each row changes a plain message in one way, and the value stays the same, or becomes what is said.
"""

import pytest

from fumo.dm import WBXML, XML, Message, decode
from fumo.dm.message import Alert, Atomic, Exec, Get, Header, Item, Location, Meta, Replace, Unknown
from fumo.errors import DecodeError
from tests.dm.assembler import HEADER, Assembler

pytestmark = pytest.mark.clause("C-XML")

PLAIN = """<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2\
</VerProto><SessionID>1</SessionID><MsgID>2</MsgID><Target><LocURI>IMEI:1</LocURI></Target>\
<Source><LocURI>http://a/</LocURI></Source></SyncHdr><SyncBody><Alert><CmdID>1</CmdID>\
<Data>1226</Data><Correlator>42</Correlator><Item><Source><LocURI>./F</LocURI></Source><Meta>\
<Type xmlns="syncml:metinf">t</Type></Meta><Data>200</Data></Item></Alert><Final/></SyncBody>\
</SyncML>"""
VALUE = Message(
    Header("1", 2, Location("IMEI:1"), Location("http://a/")),
    (Alert(1226, 1, "42", (Item(source=Location("./F"), meta=Meta(type="t"), data="200"),)),),
    final=True,
)
DOCTYPE = '<!DOCTYPE SyncML PUBLIC "-//SYNCML//DTD SyncML 1.2//EN" "http://nowhere.invalid/x.dtd">'
DECLARATION = '<?xml version="1.0" encoding="utf-16"?>'


def swapped(first: str, second: str) -> str:
    """The plain message with two neighbours exchanged."""
    assert first + second in PLAIN
    return PLAIN.replace(first + second, second + first)


SAME = {
    "as it is": PLAIN,
    "namespace of 1.1": PLAIN.replace("SYNCML1.2", "SYNCML1.1"),
    "no namespace": PLAIN.replace(' xmlns="SYNCML:SYNCML1.2"', ""),
    "namespace in small letters": PLAIN.replace("SYNCML:SYNCML1.2", "syncml:syncml1.2"),
    "namespace with a prefix": PLAIN.replace("<", "<s:")
    .replace("<s:/", "</s:")
    .replace("xmlns=", "xmlns:s="),
    "a prefix that is declared nowhere": PLAIN.replace("<Final/>", "<s:Final/>"),
    "children of Meta without namespace": PLAIN.replace(' xmlns="syncml:metinf"', ""),
    "Correlator before Data": swapped("<Data>1226</Data>", "<Correlator>42</Correlator>"),
    "Final first": PLAIN.replace("<Final/>", "").replace("<SyncBody>", "<SyncBody><Final/>"),
    "SyncBody before SyncHdr": swapped(
        PLAIN[PLAIN.index("<SyncHdr>") : PLAIN.index("<SyncBody>")],
        PLAIN[PLAIN.index("<SyncBody>") : PLAIN.index("</SyncML>")],
    ),
    "blanks between elements": PLAIN.replace("><", ">\r\n\t <"),
    "blanks around words and numbers": PLAIN.replace("<LocURI>", "<LocURI>\n  ")
    .replace("</Type>", " </Type>")
    .replace("1226", " 1226\n")
    .replace("<MsgID>2", "<MsgID>\t2 "),
    "numbers with zeros in front": PLAIN.replace("<CmdID>1", "<CmdID>0001"),
    "MetInf around the children of Meta": PLAIN.replace(
        "<Meta>", '<Meta><MetInf xmlns="syncml:metinf">'
    ).replace("</Meta>", "</MetInf></Meta>"),
    "CDATA": PLAIN.replace("<Data>200</Data>", "<Data><![CDATA[200]]></Data>"),
    "text in pieces": PLAIN.replace(
        "<Data>200</Data>", "<Data>2<!-- and -->&#48;<![CDATA[0]]></Data>"
    ),
    "a comment and an instruction": "<!-- a --><?b c?>" + PLAIN,
    "instructions here and there": "<?b c?>"
    + PLAIN.replace("<Data>200", "<Data>2<?b c=''?>0<?b?>0").replace("<Item>", "<?b?><Item>"),
    "MetInf with something beside it": PLAIN.replace(
        "<Meta>", '<Meta><Anchor/><MetInf xmlns="syncml:metinf">'
    ).replace("</Meta>", "</MetInf></Meta>"),
    "DOCTYPE with an outer document": DOCTYPE + PLAIN,
    "UTF-16 declared over UTF-8": DECLARATION + PLAIN,
    "UTF-16 meant": (DECLARATION + PLAIN).encode("utf-16"),
    "UTF-8 with a mark": PLAIN.encode("utf-8-sig"),
    "lines before the declaration": "\r\n" + DECLARATION.replace("utf-16", "UTF-8") + PLAIN,
    "Latin-1": DECLARATION.replace("utf-16", "ISO-8859-1") + PLAIN,
    "a NUL behind": PLAIN + "\0",
    "elements that DM has no use for": PLAIN.replace(
        "<CmdID>1</CmdID>",
        "<CmdID>1</CmdID><NoResp/><Lang>en</Lang><Archive/><SftDel/><x:y xmlns:x='z'><w/></x:y>",
    )
    .replace("<Type ", "<Anchor><Last>1</Last><Next>2</Next></Anchor><EMI>e</EMI><Version/><Type ")
    .replace("</SessionID>", "</SessionID><NoResp/>")
    .replace("<Final/>", "<NoResp/><Final/>"),
    "attributes": PLAIN.replace("<Alert>", "<Alert xml:lang='en' a='b'>"),
}


@pytest.mark.clause("R1-02", "R1-03")
@pytest.mark.parametrize("document", SAME.values(), ids=SAME.keys())
def test_carelessness_changes_nothing(document: str | bytes):
    body = document if isinstance(document, bytes) else document.encode()
    assert decode(body, XML) == VALUE


def message_of(commands: str) -> bytes:
    """A message with these commands."""
    start, end = PLAIN.index("<Alert>"), PLAIN.index("<Final/>")
    return (PLAIN[:start] + commands + PLAIN[end:]).encode()


UNFINISHED = {
    "<Exec><CmdID>1</CmdID></Exec>": Exec((), 1),
    "<Exec/>": Exec(()),
    "<Get><Item><Target/></Item></Get>": Get((Item(target=Location()),)),
    "<Alert><CmdID>3</CmdID></Alert>": Alert(0, 3),
    "<Replace><CmdID>1</CmdID><Item/></Replace>": Replace((Item(),), 1),
    "<Atomic><CmdID>4</CmdID></Atomic>": Atomic((), 4),
    "<Put><CmdID>9</CmdID><Item/></Put>": Unknown("Put", 9),
    "<Fly/>": Unknown("Fly"),
    "<Atomic><Item/></Atomic>": Atomic((Unknown("Item"),)),
    "<Atomic><CmdID>1</CmdID><NoResp/><Meta/><Get/></Atomic>": Atomic((Get(()),), 1, Meta()),
}


@pytest.mark.parametrize(("commands", "value"), UNFINISHED.items())
def test_an_unfinished_command_is_left_for_a_status_to_answer(commands: str, value: object):
    assert decode(message_of(commands), XML).commands == (value,)


def test_a_message_may_be_a_header_alone():
    start, end = PLAIN.index("<SyncBody>"), PLAIN.index("</SyncML>")
    assert decode((PLAIN[:start] + PLAIN[end:]).encode(), XML) == Message(VALUE.header)


@pytest.mark.clause("P3-08")
def test_an_answer_that_says_nearly_nothing():
    [status] = decode(message_of("<Status><Data>200</Data></Status>"), XML).commands
    assert (status.cmd_id, status.msg_ref, status.cmd_ref, status.cmd, status.code) == (
        *(0, 0, 0),
        "",
        200,
    )


def test_a_status_may_name_several_targets():
    refs = "<TargetRef>a</TargetRef><TargetRef> b </TargetRef><SourceRef>c</SourceRef>"
    [status] = decode(message_of(f"<Status>{refs}</Status>"), XML).commands
    assert (status.target_refs, status.source_refs) == (("a", "b"), ("c",))


NAME = "0e4b6c4e-6a31-4f0c-9d36-5b0f6c1f2a77"


@pytest.mark.clause("P2-08")
def test_a_peer_may_name_its_commands_with_words():
    [get] = decode(message_of(f"<Get><CmdID> {NAME} </CmdID></Get>"), XML).commands
    assert get == Get((), NAME)
    [status] = decode(message_of(f"<Status><CmdRef>{NAME}</CmdRef></Status>"), XML).commands
    assert status.cmd_ref == NAME


@pytest.mark.clause("P3-08")
@pytest.mark.parametrize("blank", ["", " "])
def test_an_empty_number_of_a_command_is_none(blank: str):
    [get] = decode(message_of(f"<Get><CmdID>{blank}</CmdID></Get>"), XML).commands
    assert get == Get(())
    [status] = decode(message_of(f"<Status><CmdRef>{blank}</CmdRef></Status>"), XML).commands
    assert status.cmd_ref == 0


@pytest.mark.parametrize("name", ["a" * 65, "1" * 19])
def test_a_name_that_cannot_be_said_again_is_refused(name: str):
    with pytest.raises(DecodeError, match="is not a number"):
        decode(message_of(f"<Get><CmdID>{name}</CmdID></Get>"), XML)


def test_blanks_in_data_and_correlator_are_kept():
    item = "<Item><Data> a\n</Data></Item>"
    [command] = decode(message_of(f"<Exec><Correlator> 4 </Correlator>{item}</Exec>"), XML).commands
    assert command == Exec((Item(data=" a\n"),), correlator=" 4 ")


REFUSED = {
    "another root": ("<Sync/>", "the root element is Sync, not SyncML"),
    "no header": ("<SyncML><SyncBody/></SyncML>", "no SyncHdr (at SyncML)"),
    "two headers": (PLAIN.replace("<SyncBody>", "<SyncHdr/><SyncBody>"), "two SyncHdr (at SyncML)"),
    "no SessionID": (PLAIN.replace("<SessionID>1</SessionID>", ""), "no SessionID (at SyncHdr)"),
    "no MsgID": (PLAIN.replace("<MsgID>2</MsgID>", ""), "no MsgID (at SyncHdr)"),
    "a word for a number": (
        PLAIN.replace("<MsgID>2", "<MsgID>two"),
        "'two' is not a number (at SyncHdr/MsgID)",
    ),
    "a number below nothing": (
        PLAIN.replace("1226", "-1"),
        "'-1' is not a number (at SyncBody/Alert[1]/Data)",
    ),
    "a number of another script": (PLAIN.replace("1226", "१"), "is not a number"),
    "a number too long": (PLAIN.replace("1226", "1" * 19), "is not a number"),
    "an element in text": (
        PLAIN.replace("./F", "<b>./F</b>"),
        "an element (b) where text belongs (at SyncBody/Alert[1]/Item/Source/LocURI)",
    ),
    "an embedded document of another kind": (
        PLAIN.replace("<Data>200", '<Data><DevInf xmlns="syncml:devinf"/>'),
        "an embedded document (DevInf) that is no tree and no description"
        " (at SyncBody/Alert[1]/Item/Data)",
    ),
    "a fault in a command of a command": (
        PLAIN.replace("<Alert>", "<Atomic><Get/><Alert><Data>x</Data></Alert></Atomic><Alert>"),
        "'x' is not a number (at SyncBody/Atomic[1]/Alert[2]/Data)",
    ),
}


@pytest.mark.parametrize(("document", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_guessed_is_refused_with_its_place(document: str, says: str):
    with pytest.raises(DecodeError) as fault:
        decode(document.encode(), XML)
    assert says in str(fault.value)


@pytest.mark.clause("C-WBX")
@pytest.mark.parametrize("name", ["no MsgID", "a word for a number", "an element in text"])
def test_wbxml_is_refused_with_the_same_words(name: str):
    document, says = REFUSED[name]
    body = HEADER + Assembler().body(
        document.replace("<b>", "<Cmd>").replace("</b>", "</Cmd>").encode()
    )
    with pytest.raises(DecodeError) as fault:
        decode(body, WBXML)
    assert str(fault.value) == says.replace("(b)", "(Cmd)")
