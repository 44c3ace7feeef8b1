"""Golden messages of every flow beside the update session: alerts, large objects, credentials."""

from fumo.dm.message import (
    Add,
    Alert,
    Chal,
    Cred,
    Get,
    Item,
    Location,
    Meta,
    Replace,
    Results,
    Status,
)
from tests.dm.golden_parts import (
    FUMO,
    Golden,
    at,
    dev_info,
    from_device,
    from_server,
    header_status,
    of,
    ok,
)

PKG_DATA = f"{FUMO}/Update/PkgData"
MAC = Meta("b64", "syncml:auth-MAC", next_nonce="bmV4dCBub25jZSAxNg==")
PKG_META = Meta("b64", "application/octet-stream", size=24)


def asked(code: int, number: int, *texts: str) -> Alert:
    """A question to the user: options, then what is said, then the choices."""
    return Alert(code, number, items=tuple(Item(data=text) for text in texts))


def chunk(data: str, meta: Meta | None = None, more: bool = True) -> Item:
    """A part of a package."""
    return Item(target=Location(PKG_DATA), meta=meta, data=data, more_data=more)


def said(cmd_ref: int, number: int, code: int, *words: str) -> Status:
    """What a user answered."""
    return Status(3, cmd_ref, "Alert", code, number, items=tuple(Item(data=w) for w in words))


FLOWS = {
    "user-alerts": Golden(
        "DM Protocol 8.4: display, confirm, text, one choice and several, with their options",
        from_server(
            3,
            asked(1100, 1, "MINDT=10", "An update is being installed."),
            asked(1101, 2, "MINDT=5&MAXDT=60&DR=0", "Restart now?"),
            asked(1102, 3, "MAXLEN=8&IT=N&ET=P&DR=1234", "PIN of the meter"),
            asked(1103, 4, "DR=2", "Tariff", "day", "night", "mixed"),
            asked(1104, 5, "", "Report by", "mail", "text & call", "letter"),
        ),
    ),
    "user-answers": Golden(
        "DM Protocol 8.4: seen, yes, a text, the second, the first and third",
        from_device(
            4,
            header_status(1, 3, 200),
            said(1, 2, 200),
            said(2, 3, 200),
            said(3, 4, 200, "4711"),
            said(4, 5, 200, "2"),
            said(5, 6, 200, "1", "3"),
        ),
    ),
    "user-refusals": Golden(
        "DM Protocol 8.4: no, cancelled, too late, and a device without a user",
        from_device(
            4,
            header_status(1, 3, 200),
            said(1, 2, 406),
            said(2, 3, 304),
            said(3, 4, 214),
            said(4, 5, 408),
        ),
    ),
    "chunk-middle": Golden(
        "DM Protocol 7: a further part of a large object, without its size",
        from_server(
            7,
            header_status(1, 6, 200),
            Replace((chunk("RUZHSElK", Meta("b64", "application/octet-stream")),), 2),
            final=False,
        ),
    ),
    "chunk-last": Golden(
        "DM Protocol 7: the last part, and then further commands",
        from_server(
            8,
            header_status(1, 7, 200),
            Replace((chunk("S0xNTk9Q", more=False),), 2),
            Get((at(f"{FUMO}/State"),), 3),
        ),
    ),
    "chunk-add": Golden(
        "DM Protocol 7: a new node that comes in parts",
        from_server(9, Add((chunk("QUJDREVG", PKG_META),), 1), final=False),
    ),
    "chunk-accepted": Golden(
        "DM Protocol 7: a part was taken (213), the next may come (1222)",
        from_device(
            7,
            header_status(1, 6, 200),
            ok(6, 1, "Replace", 2, 213, PKG_DATA),
            Alert(1222, 3),
            final=False,
        ),
    ),
    "chunk-done": Golden(
        "DM Protocol 7: the whole has the size that was said",
        from_device(9, header_status(1, 8, 200), ok(8, 2, "Replace", 2, 200, PKG_DATA)),
    ),
    "chunk-size-mismatch": Golden(
        "DM Protocol 7: the whole has not the size that was said (424)",
        from_device(9, header_status(1, 8, 200), ok(8, 2, "Replace", 2, 424, PKG_DATA)),
    ),
    "chunk-too-large": Golden(
        "DM Protocol 7: the object is larger than MaxObjSize (413)",
        from_device(7, header_status(1, 6, 200), ok(6, 1, "Replace", 2, 413, PKG_DATA)),
    ),
    "chunk-broken-off": Golden(
        "DM Protocol 7: another command came before the last part (1225)",
        from_device(
            8,
            header_status(1, 7, 200),
            Alert(1225, 2, items=(Item(Location(PKG_DATA), Location(PKG_DATA)),)),
        ),
    ),
    "chunk-results": Golden(
        "DM Protocol 7: a large result of the device, its first part",
        from_device(
            7,
            header_status(1, 6, 200),
            ok(6, 1, "Get", 2),
            Results(
                6,
                1,
                (
                    Item(
                        source=Location("./Log/Last"),
                        meta=Meta("chr", "text/plain", size=60),
                        data="09:00 started\n09:01 measured\n",
                        more_data=True,
                    ),
                ),
                3,
            ),
            final=False,
        ),
    ),
    "results-to-come": Golden(
        "DM Protocol 6.1: results that need another message; this is not the last (no Final)",
        from_device(
            4,
            header_status(1, 3, 200),
            ok(3, 1, "Get", 2),
            Results(3, 1, (of("./Log/1", "a" * 40),), 3),
            final=False,
        ),
    ),
    "next-message-answered": Golden(
        "DM Protocol 6.1: the device answers 1222 and goes on",
        from_device(
            5,
            header_status(1, 4, 200),
            ok(4, 2, "Alert", 2),
            Results(3, 1, (of("./Log/2", "b" * 40),), 3),
        ),
    ),
    "server-initiated": Golden(
        "DM Protocol 8.4: a session that a notification asked for (1200)",
        from_device(1, Alert(1200, 1), dev_info()),
    ),
    "client-event": Golden(
        "DM Protocol 8.4: an event of the device (1224)",
        from_device(
            1,
            Alert(1201, 1),
            dev_info(),
            Alert(
                1224,
                3,
                items=(of("./Alarm", "door open", Meta("chr", "com.example.alarm", "warning")),),
            ),
        ),
    ),
    "generic-alert-many": Golden(
        "DM Protocol 8.7: one alert with several items, each with its mark",
        from_device(
            1,
            Alert(1201, 1),
            dev_info(),
            Alert(
                1226,
                3,
                "op-7f3a",
                (
                    of(FUMO, "200", Meta("chr", "Reversed-Domain-Name: com.example.one", "minor")),
                    of(FUMO, "7", Meta("int", "com.example.two", "harmless")),
                ),
            ),
        ),
    ),
    "generic-alert-answers": Golden(
        "DM Protocol 8.7: taken, accepted, of a type that is not known",
        from_server(
            2,
            header_status(1, 1, 212),
            Status(1, 1, "Alert", 200, 2),
            Status(1, 2, "Replace", 200, 3),
            Status(1, 3, "Alert", 202, 4, source_refs=(FUMO,)),
            Status(1, 4, "Alert", 415, 5),
        ),
    ),
    "mac-challenge": Golden(
        "DM Security 5.4: every message must be proven as a whole, with the next nonce",
        from_server(1, header_status(1, 1, 407, Chal(MAC)), Status(1, 1, "Alert", 407, 2)),
    ),
    "mac-proven": Golden(
        "DM Security 5.4: this message was proven (200, never 212), the next has another nonce",
        from_server(2, header_status(1, 2, 200, Chal(MAC)), Status(2, 1, "Alert", 200, 2)),
    ),
    "basic-challenge": Golden(
        "DM Security 5.2: name and password are asked for",
        from_server(1, header_status(1, 1, 407, Chal(Meta("b64", "syncml:auth-basic")))),
    ),
    "package1-basic": Golden(
        "DM Security 5.2: Bruce2 and OhBehave in base64",
        from_device(
            1,
            Alert(1201, 1),
            dev_info(),
            cred=Cred("QnJ1Y2UyOk9oQmVoYXZl", Meta("b64", "syncml:auth-basic")),
        ),
    ),
    "version-refused": Golden(
        "DM Protocol 8.3: a protocol that the server does not speak (513)",
        from_server(1, header_status(1, 1, 513)),
    ),
    "session-over": Golden(
        "DM Protocol 8.1: the server has nothing more to say",
        from_server(5, header_status(1, 5, 200), ok(5, 1, "Alert", 2)),
    ),
    "nothing": Golden("DM RepPro 6.2: a header and an empty body", from_server(6)),
}
