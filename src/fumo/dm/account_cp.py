"""An account as a provisioning document writes it: the application w7 (DM Bootstrap §5.2). Pure.

    APPLICATION  APPID=w7 PROVIDER-ID NAME
      APPADDR    ADDR ADDRTYPE  PORT PORTNBR
      APPAUTH    AAUTHLEVEL=APPSRV|CLIENT AAUTHTYPE AAUTHNAME AAUTHSECRET AAUTHDATA

The level names who asks for the proof: the device proves itself to APPSRV, the server to CLIENT.
"""

from base64 import b64encode

from fumo.dm.account import APP_ID, WORDS, Proof, Provisioned, settle
from fumo.dm.prov import (
    PROV_WBXML,
    Characteristic,
    Parm,
    Provisioning,
    decode_prov,
    encode_prov,
)
from fumo.errors import DecodeError

OWN, SERVER = "APPSRV", "CLIENT"
URI = "URI"


def read(body: bytes) -> Provisioned:
    """The one DM account in a document; other applications in it are not ours."""
    found = [
        one for one in decode_prov(body).within("APPLICATION") if _word(one, "APPID") == APP_ID
    ]
    if len(found) != 1:
        raise DecodeError(f"{len(found)} accounts for DM, not one")
    application = found[0]
    own, server = _proof(application, OWN), _proof(application, SERVER)
    who, name = application.value("PROVIDER-ID"), application.value("NAME")
    return settle(who, name, _url(application), own, server)


def written(account: Provisioned) -> bytes:
    """The document for an account, in WBXML."""
    address = (Parm("ADDR", account.url), Parm("ADDRTYPE", URI))
    own = (account.own.name, account.own.secret, account.own_nonce)
    server = (account.server.name, account.server.secret, account.server_nonce)
    groups = (
        Characteristic("APPADDR", address),
        _auth(OWN, account.scheme, *own),
        _auth(SERVER, account.scheme, *server),
    )
    parms = [Parm("APPID", APP_ID), Parm("PROVIDER-ID", account.server_id)]
    if account.name:
        parms.append(Parm("NAME", account.name))
    application = Characteristic("APPLICATION", tuple(parms), groups)
    return encode_prov(Provisioning((application,)), PROV_WBXML)


def _word(group: Characteristic, name: str) -> str:
    return (group.value(name) or "").strip()


def _url(application: Characteristic) -> str | None:
    """The first address; some documents have it right in the application."""
    address = next(iter(application.within("APPADDR")), application)
    if _word(address, "ADDRTYPE").upper() not in ("", URI):
        raise DecodeError("an address that is no URI")
    url = _word(address, "ADDR")
    port = next((_word(one, "PORTNBR") for one in address.within("PORT")), "")
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if not port or ":" in host.rpartition("]")[2]:
        return url or None
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536):
        raise DecodeError("a port that is none")
    return f"{scheme}://{host}:{port}{slash}{path}"


def _proof(application: Characteristic, level: str) -> Proof:
    """What is told of one direction; nothing is told when the group is missing."""
    groups = application.within("APPAUTH")
    found = [one for one in groups if _word(one, "AAUTHLEVEL").upper() == level]
    if not found:
        return Proof(None, None)
    told = found[0]
    name, secret = told.value("AAUTHNAME"), told.value("AAUTHSECRET")
    return Proof(name, secret, told.value("AAUTHTYPE"), told.value("AAUTHDATA"))


def _auth(level: str, scheme: str, name: str, secret: str, nonce: bytes | None) -> Characteristic:
    told = {
        "AAUTHLEVEL": level,
        "AAUTHTYPE": WORDS[scheme],
        "AAUTHNAME": name,
        "AAUTHSECRET": secret,
    }
    if nonce:
        told["AAUTHDATA"] = b64encode(nonce).decode()
    return Characteristic("APPAUTH", tuple(Parm(*pair) for pair in told.items()))
