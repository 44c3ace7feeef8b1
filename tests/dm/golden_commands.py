"""Golden messages of every command and of its answers."""

from fumo.dm.message import (
    Add,
    Alert,
    Atomic,
    Copy,
    Delete,
    Exec,
    Get,
    Item,
    Location,
    Meta,
    Replace,
    Results,
    Sequence,
    Status,
    Unknown,
)
from fumo.dm.tnds import TndsNode, TndsTree, encode_tnds
from tests.dm.golden_parts import (
    FUMO,
    Golden,
    at,
    from_device,
    from_server,
    header_status,
    of,
    ok,
)

TNDS_XML = "application/vnd.syncml.dmtnds+xml"
NET = TndsTree(
    (
        TndsNode(
            "Net",
            acl="Get=*&Replace=mgmt",
            format="node",
            type="com.example/1.0/Net",
            children=(
                TndsNode("Name", format="chr", type="text/plain", value="office & <home>"),
                TndsNode("Mtu", format="int", tstamp="20260711T163817Z", verno=3, value="1400"),
            ),
        ),
        TndsNode("On", "Net", title="switched on", format="bool", value="false"),
    ),
    man="Example & Söhne",
)
ACCOUNT = TndsTree(
    (
        TndsNode(
            "",
            format="node",
            type="urn:oma:mo:oma-dm-dmacc:1.0",
            children=(
                TndsNode("AppID", format="chr", type="text/plain", value="w7"),
                TndsNode("ServerID", format="chr", type="text/plain", value="mgmt"),
            ),
        ),
    )
)
NODE = Meta("node")
INT = Meta("int")
PLAIN = Meta("chr", "text/plain")

COMMANDS = {
    "add": Golden(
        "DM RepPro 6.6.1: an interior node with its type, and leaves of several formats",
        from_server(
            3,
            Add((at("./Net/Apn1", meta=Meta("node", "com.example/1.0/Apn")),), 1),
            Add((at("./Net/Apn1/Name", "internet", PLAIN),), 2),
            Add((at("./Net/Apn1/Mtu", "1400", INT), at("./Net/Apn1/Up", "true", Meta("bool"))), 3),
            Add((at("./Net/Apn1/Note"),), 4, Meta("chr")),
        ),
    ),
    "add-answers": Golden(
        "DM RepPro 10: done, already there, a parent that is a leaf, no room",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Add", 2, 418, "./Net/Apn1"),
            ok(3, 2, "Add", 3, 405, "./Net/Apn1/Name"),
            ok(3, 3, "Add", 4, 200, "./Net/Apn1/Mtu"),
            ok(3, 3, "Add", 5, 420, "./Net/Apn1/Up"),
            ok(3, 4, "Add", 6, 414),
        ),
    ),
    "replace-many": Golden(
        "DM Protocol 8.2: one command with several items, and one Meta for all of them",
        from_server(
            3,
            Replace(
                (
                    at("./Net/Apn1/Name", "corporate"),
                    at("./Net/Apn1/User", ""),
                    at("./Net/Apn1/Note", " two\nlines & <more> "),
                ),
                1,
                PLAIN,
            ),
        ),
    ),
    "replace-many-answers": Golden(
        "DM Protocol 8.2: an answer for each item whose fate is its own",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Replace", 2, 200, "./Net/Apn1/Name"),
            ok(3, 1, "Replace", 3, 404, "./Net/Apn1/User"),
            ok(3, 1, "Replace", 4, 425, "./Net/Apn1/Note"),
        ),
    ),
    "delete-and-copy": Golden(
        "DM RepPro 6.6.3 and 6.6.5: a leaf onto a leaf, then the old one goes",
        from_server(
            3,
            Copy((Item(Location("./Net/Apn2/Name"), Location("./Net/Apn1/Name")),), 1),
            Delete((at("./Net/Apn1"), at("./Net/Old")), 2),
        ),
    ),
    "delete-and-copy-answers": Golden(
        "DM RepPro 10: copied; deleted; a permanent node stays",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Copy", 2),
            ok(3, 2, "Delete", 3, 200, "./Net/Apn1"),
            ok(3, 2, "Delete", 4, 405, "./Net/Old"),
        ),
    ),
    "properties": Golden(
        "DM TND 7.7: properties are asked for, renamed and given to another server",
        from_server(
            3,
            Get((at("./Net/Apn1?prop=ACL"), at("./Net/Apn1?prop=TStamp")), 1),
            Replace((at("./Net/Apn1?prop=Name", "Apn9"),), 2),
            Replace((at("./Net/Apn9?prop=ACL", "Get=*&Replace=mgmt+other&Delete=mgmt"),), 3),
        ),
    ),
    "properties-answers": Golden(
        "DM TND 7.7: plain strings; an ACL that is empty because it is inherited",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Get", 2, 200, "./Net/Apn1?prop=ACL"),
            ok(3, 1, "Get", 3, 406, "./Net/Apn1?prop=TStamp"),
            Results(3, 1, (of("./Net/Apn1?prop=ACL", ""),), 4),
            ok(3, 2, "Replace", 5),
            ok(3, 3, "Replace", 6),
        ),
    ),
    "list-struct": Golden(
        "DM TND 8.4: the names below a node, without values",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Get", 2),
            Results(
                3,
                1,
                (
                    of("./Net", meta=NODE),
                    of("./Net/Apn1", meta=Meta("node", "com.example/1.0/Apn")),
                    of("./Net/Apn1/Name"),
                    of("./Net/Apn1/Mtu", meta=INT),
                ),
                3,
                target_ref="./Net?list=Struct",
            ),
        ),
    ),
    "list-struct-data": Golden(
        "DM TND 8.4: the same with the values of the leaves, in more than one Results",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Get", 2),
            Results(3, 1, (of("./Net", meta=NODE), of("./Net/Name", "office")), 3),
            Results(3, 1, (of("./Net/Mtu", "1400", INT), of("./Net/On", "false", Meta("bool"))), 4),
        ),
    ),
    "list-tnds": Golden(
        "DM TNDS 6: a whole subtree in one item; text in XML, a document of its own in WBXML",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Get", 2),
            Results(
                3,
                1,
                (of("./Net", encode_tnds(NET, TNDS_XML).decode(), Meta("xml", TNDS_XML)),),
                3,
            ),
        ),
    ),
    "inbox-tnds": Golden(
        "DM Bootstrap 5.3: an account for the Inbox, whose place the device chooses",
        from_server(
            3,
            Add(
                (at("./Inbox", encode_tnds(ACCOUNT, TNDS_XML).decode(), Meta("xml", TNDS_XML)),),
                1,
            ),
        ),
    ),
    "exec-answers": Golden(
        "DM RepPro 6.6.6: done at once; accepted for later; not now, not this, not here",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Exec", 2),
            ok(3, 2, "Exec", 3, 202),
            ok(3, 3, "Exec", 4, 405),
            ok(3, 4, "Exec", 5, 406),
            ok(3, 5, "Exec", 6, 404),
        ),
    ),
    "atomic": Golden(
        "DM RepPro 6.6.2: a copy and a question to the user among what belongs together",
        from_server(
            3,
            Atomic(
                (
                    Replace((at("./Net/Apn1/Mtu", "1280", INT),), 2),
                    Alert(1101, 3, items=(Item(data=""), Item(data="Switch the network?"))),
                    Delete((at("./Net/Old"),), 4),
                ),
                1,
            ),
        ),
    ),
    "atomic-done": Golden(
        "DM RepPro 6.6.2: all of it was done",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Atomic", 2),
            ok(3, 2, "Replace", 3),
            ok(3, 3, "Alert", 4),
            ok(3, 4, "Delete", 5),
        ),
    ),
    "atomic-rolled-back": Golden(
        "DM RepPro 6.6.2: the user said no (304), so what was done is undone (216), the rest is"
        " not begun (215), and the whole has failed (507)",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Atomic", 2, 507),
            ok(3, 2, "Replace", 3, 216),
            ok(3, 3, "Alert", 4, 304),
            ok(3, 4, "Delete", 5, 215),
        ),
    ),
    "atomic-not-undone": Golden(
        "DM RepPro 10: one of them could not be undone (516)",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Atomic", 2, 507),
            ok(3, 2, "Replace", 3, 516),
            ok(3, 3, "Alert", 4, 500),
        ),
    ),
    "sequence": Golden(
        "DM RepPro 6.6.11: an order in a sequence, after what it needs",
        from_server(
            3,
            Sequence(
                (
                    Replace((at(f"{FUMO}/DownloadAndUpdate/PkgURL", "http://d.example/p"),), 2),
                    Get((at(f"{FUMO}/State"),), 3),
                    Exec((at(f"{FUMO}/DownloadAndUpdate"),), 4, correlator="op-7f3b"),
                ),
                1,
            ),
        ),
    ),
    "sequence-broken-off": Golden(
        "DM RepPro 6.6.11: the sequence was begun (200); after a cancelled part nothing was done",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Sequence", 2),
            ok(3, 2, "Alert", 3, 214),
            ok(3, 3, "Get", 4, 215),
            ok(3, 4, "Exec", 5, 215),
        ),
    ),
    "nested": Golden(
        "DM RepPro 6.6.2: an Atomic in an Atomic, and a Get in one, which are answered with 500",
        from_server(
            3,
            Atomic((Atomic((Delete((at("./A"),), 3),), 2), Get((at("./B"),), 4)), 1),
        ),
        nests=True,
    ),
    "unknown": Golden(
        "DM RepPro 6.6: a command of another protocol is answered by its name",
        from_server(3, Unknown("Put", 1), Unknown("Search", 2), Get((at("./DevInfo/Mod"),), 3)),
        nests=True,
    ),
    "unknown-answers": Golden(
        "DM RepPro 10: not a command of this protocol (400), or not of this device (406)",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Put", 2, 406),
            ok(3, 2, "Search", 3, 400),
            ok(3, 3, "Get", 4),
            Results(3, 3, (of("./DevInfo/Mod", "Meter <3>"),), 5),
        ),
    ),
    "raw-results": Golden(
        "DM TND 7.7: a binary leaf is raw in WBXML",
        from_device(
            4,
            header_status(1, 3, 200),
            Status(3, 1, "Get", 200, 2),
            Results(3, 1, (of("./Cert/Key", b"\x30\x82\x00\xff" * 40, Meta("bin")),), 3),
        ),
        in_xml=False,
    ),
}
