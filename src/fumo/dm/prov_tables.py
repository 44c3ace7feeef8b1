"""The numbers of provisioning documents in WBXML (WAP ProvCont 7). Tables only. Pure.

Names of parameters and of characteristics, and some values, have tokens of their own. Code page 0
is older and about networks; page 1 is about applications, of which DM is one (w7).
"""

PUBLIC_ID = 0x0B
DOCUMENT, CHARACTERISTIC, PARM = "wap-provisioningdoc", "characteristic", "parm"
TAGS = {0x05: DOCUMENT, 0x06: CHARACTERISTIC, 0x07: PARM}
"""The same on both pages."""
TAG_TOKENS = {name: token for token, name in TAGS.items()}

NAME, VALUE, VERSION, TYPE = "name", "value", "version", "type"


def _row(first: int, names: str, attribute: str) -> dict[int, tuple[str, str]]:
    """Tokens from `first` on; "-" is one that has no meaning."""
    row = enumerate(names.split(), first)
    return {token: (attribute, name) for token, name in row if name != "-"}


def _values(first: int, names: str) -> dict[int, str]:
    return {token: name for token, name in enumerate(names.split(), first) if name != "-"}


_PLAIN = {0x05: (NAME, ""), 0x06: (VALUE, ""), 0x50: (TYPE, "")}
STARTS = (
    _PLAIN
    | {0x45: (VERSION, ""), 0x46: (VERSION, "1.0")}
    | _row(
        0x07,
        """
        NAME NAP-ADDRESS NAP-ADDRTYPE CALLTYPE VALIDUNTIL AUTHTYPE AUTHNAME AUTHSECRET LINGER
        BEARER NAPID COUNTRY NETWORK INTERNET PROXY-ID PROXY-PROVIDER-ID DOMAIN PROVURL
        PXAUTH-TYPE PXAUTH-ID PXAUTH-PW STARTPAGE BASAUTH-ID BASAUTH-PW PUSHENABLED PXADDR
        PXADDRTYPE TO-NAPID PORTNBR SERVICE LINKSPEED DNLINKSPEED LOCAL-ADDR LOCAL-ADDRTYPE
        CONTEXT-ALLOW TRUST MASTER SID SOC WSP-VERSION PHYSICAL-PROXY-ID CLIENT-ID
        DELIVERY-ERR-SDU DELIVERY-ORDER TRAFFIC-CLASS MAX-SDU-SIZE MAX-BITRATE-UPLINK
        MAX-BITRATE-DNLINK RESIDUAL-BER SDU-ERROR-RATIO TRAFFIC-HANDL-PRIO TRANSFER-DELAY
        GUARANTEED-BITRATE-UPLINK GUARANTEED-BITRATE-DNLINK PXADDR-FQDN PROXY-PW PPGAUTH-TYPE
        """,
        NAME,
    )
    | _row(
        0x47,
        """
        PULLENABLED DNS-ADDR MAX-NUM-RETRY FIRST-RETRY-TIMEOUT REREG-THRESHOLD T-BIT -
        AUTH-ENTITY SPI
        """,
        NAME,
    )
    | _row(
        0x51,
        """
        PXLOGICAL PXPHYSICAL PORT VALIDITY NAPDEF BOOTSTRAP VENDORCONFIG CLIENTIDENTITY
        PXAUTHINFO NAPAUTHINFO ACCESS
        """,
        TYPE,
    ),
    _PLAIN
    | {0x07: (NAME, "NAME"), 0x14: (NAME, "INTERNET"), 0x1C: (NAME, "STARTPAGE")}
    | _row(0x22, "TO-NAPID PORTNBR SERVICE", NAME)
    | _row(
        0x2E,
        """
        AACCEPT AAUTHDATA AAUTHLEVEL AAUTHNAME AAUTHSECRET AAUTHTYPE ADDR ADDRTYPE APPID
        APROTOCOL PROVIDER-ID TO-PROXY URI RULE
        """,
        NAME,
    )
    | _row(0x53, "PORT - APPLICATION APPADDR APPAUTH CLIENTIDENTITY RESOURCE", TYPE),
)
"""For each page, by token: the attribute that begins, and what its value begins with."""

VALUES = (
    _values(
        0x85,
        """
        IPV4 IPV6 E164 ALPHA APN SCODE TETRA-ITSI MAN - - - ANALOG-MODEM V.120 V.110 X.31
        BIT-TRANSPARENT DIRECT-ASYNCHRONOUS-DATA-SERVICE - - - - PAP CHAP HTTP-BASIC HTTP-DIGEST
        WTLS-SS MD5 - - GSM-USSD GSM-SMS ANSI-136-GUTS IS-95-CDMA-SMS IS-95-CDMA-CSD
        IS-95-CDMA-PACKET ANSI-136-CSD ANSI-136-GPRS GSM-CSD GSM-GPRS AMPS-CDPD PDC-CSD
        PDC-PACKET IDEN-SMS IDEN-CSD IDEN-PACKET FLEX/REFLEX PHS-SMS PHS-CSD TETRA-SDS
        TETRA-PACKET ANSI-136-GHOST MOBITEX-MPAK CDMA2000-1X-SIMPLE-IP CDMA2000-1X-MOBILE-IP
        """,
    )
    | {0xC5: "AUTOBAUDING", 0xE0: "AAA", 0xE1: "HA"}
    | _values(
        0xCA,
        """
        CL-WSP CO-WSP CL-SEC-WSP CO-SEC-WSP CL-SEC-WTA CO-SEC-WTA OTA-HTTP-TO OTA-HTTP-TLS-TO
        OTA-HTTP-PO OTA-HTTP-TLS-PO
        """,
    ),
    _values(0x86, "IPV6 E164 ALPHA - - - - APPSRV OBEX - , HTTP- BASIC DIGEST"),
)
"""For each page, by token: a piece of a value."""

START_TOKENS = tuple({start: token for token, start in page.items()} for page in STARTS)
VALUE_TOKENS = tuple({value: token for token, value in page.items()} for page in VALUES)
"""The same, by what is to be written."""
