"""Messages of all flows as values, each with its origin; their bytes are in `tests/golden/`.

Whoever needs a realistic message may take one from here. Here are those of an update session;
those of the other commands and of the other flows stand in files of their own.
"""

from fumo.dm.message import (
    Add,
    Alert,
    Atomic,
    Chal,
    Cred,
    Exec,
    Get,
    Item,
    Location,
    Meta,
    Replace,
    Results,
    Sequence,
    Status,
)
from tests.dm.golden_commands import COMMANDS
from tests.dm.golden_flows import FLOWS
from tests.dm.golden_parts import (
    FUMO,
    MD5,
    Golden,
    dev_info,
    from_device,
    from_server,
    header_status,
    result_alert,
)

__all__ = ["GOLDEN", "Golden"]

SESSION = {
    "package1-first": Golden(
        "DM Protocol 8.1: a client's first words, without credentials",
        from_device(1, Alert(1201, 1), dev_info()),
    ),
    "package1-md5": Golden(
        "DM Security 5.3: the credentials of Bruce2/OhBehave with the nonce 'Nonce'",
        from_device(1, Alert(1200, 1), dev_info(), cred=Cred("Zz6EivR3yeaaENcRN6lpAQ==", MD5)),
    ),
    "package2-challenge": Golden(
        "DM Security 5.3: credentials missing (407), everything refused with the same code",
        from_server(
            1,
            header_status(1, 1, 407, Chal(Meta("b64", "syncml:auth-md5", next_nonce="Tm9uY2U="))),
            Status(1, 1, "Alert", 407, 2),
            Status(1, 2, "Replace", 407, 3),
        ),
    ),
    "package2-wrong": Golden(
        "DM Security 5.3: wrong credentials (401) and a fresh nonce",
        from_server(
            2, header_status(1, 2, 401, Chal(Meta("b64", "syncml:auth-md5", next_nonce="Zm9v")))
        ),
    ),
    "package2-order": Golden(
        "FUMO 5: the server sets PkgURL and looks for the object by its type",
        from_server(
            3,
            header_status(1, 3, 212, Chal(Meta("b64", "syncml:auth-md5", next_nonce="YmFy"))),
            Status(3, 1, "Alert", 200, 2),
            Status(3, 2, "Replace", 200, 3),
            Replace(
                (
                    Item(
                        target=Location(f"{FUMO}/DownloadAndUpdate/PkgURL"),
                        meta=Meta("chr", "text/plain"),
                        data="http://depot.example/p/4mZ?a=1&b=2",
                    ),
                ),
                4,
            ),
            Get(
                (
                    Item(target=Location("./FUMO?list=Struct")),
                    Item(target=Location(f"{FUMO}?prop=Type")),
                ),
                5,
            ),
            cred=Cred("lnZLb3wBhv5gvClt8C+m7w==", MD5),
        ),
    ),
    "package3-results": Golden(
        "DM Protocol 8.3: a client answers, one Status and one Results for each command",
        from_device(
            4,
            header_status(1, 3, 212),
            Status(3, 4, "Replace", 200, 2, (f"{FUMO}/DownloadAndUpdate/PkgURL",)),
            Status(3, 5, "Get", 200, 3),
            Results(
                3,
                5,
                (
                    Item(source=Location("./FUMO"), meta=Meta("node")),
                    Item(source=Location(FUMO), meta=Meta("node", "urn:oma:mo:oma-fumo:1.0")),
                    Item(source=Location(f"{FUMO}/State"), meta=Meta("int"), data="10"),
                    Item(source=Location(f"{FUMO}/Ext"), meta=Meta("node"), data=""),
                ),
                4,
            ),
        ),
    ),
    "package4-exec": Golden(
        "FUMO 5.4: the order itself, with the Correlator its result comes back under",
        from_server(
            4,
            header_status(1, 4, 200),
            Exec((Item(target=Location(f"{FUMO}/DownloadAndUpdate")),), 2, correlator="op-7f3a"),
        ),
    ),
    "package3-accepted": Golden(
        "FUMO 5.4: the order is accepted (202) for later",
        from_device(5, header_status(1, 4, 200), Status(4, 2, "Exec", 202, 2)),
    ),
    "alert-success": Golden(
        "FUMO 6.2: the one report of an update that went well",
        from_device(1, Alert(1201, 1), dev_info(), result_alert(3, "200", None)),
    ),
    "alert-failure": Golden(
        "FUMO 6.2: the one report of an update that failed, marked critical",
        from_device(1, Alert(1201, 1), dev_info(), result_alert(3, "402", "critical")),
    ),
    "next-message": Golden(
        "DM Protocol 6.1: the server asks for the rest of a package (1222, not final)",
        from_server(2, header_status(1, 2, 200), Alert(1222, 2), final=False),
    ),
    "abort": Golden(
        "DM Protocol 8.7: a session is broken off (1223)",
        from_device(6, header_status(1, 5, 200), Alert(1223, 2)),
    ),
    "containers": Golden(
        "DM Protocol 8.5: commands that belong together, and commands in order",
        from_server(
            5,
            Sequence(
                (
                    Atomic(
                        (
                            Add((Item(target=Location("./A"), meta=Meta("node")),), 3),
                            Replace((Item(target=Location("./B"), data="x"),), 4, Meta("chr")),
                        ),
                        2,
                    ),
                    Get((Item(target=Location("./A")),), 5),
                ),
                1,
            ),
        ),
        nests=True,
    ),
    "first-chunk": Golden(
        "DM Protocol 7: the first part of a large object",
        from_server(
            6,
            Replace(
                (
                    Item(
                        target=Location(f"{FUMO}/Update/PkgData"),
                        meta=Meta("b64", "application/octet-stream", size=65536),
                        data="QUJDRA",
                        more_data=True,
                    ),
                ),
                1,
            ),
            final=False,
        ),
    ),
    "raw-package": Golden(
        "DM TND 7.7: a small package in PkgData, raw in WBXML",
        from_server(
            7,
            Replace(
                (
                    Item(
                        target=Location(f"{FUMO}/Update/PkgData"),
                        meta=Meta("bin", "application/octet-stream"),
                        data=bytes(range(256)),
                    ),
                ),
                1,
            ),
        ),
        in_xml=False,
    ),
}
GOLDEN = SESSION | COMMANDS | FLOWS
