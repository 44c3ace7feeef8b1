"""Bootstrap by both profiles: what proves it, what it gives, and everything that gives nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fumo.dm import account_cp, account_dm
from fumo.dm.account import Provisioned
from fumo.dm.auth import BASIC, MD5, Account, Login
from fumo.dm.bootstrap import (
    TRIES_MAX,
    Accepted,
    Bootstrap,
    Profile,
    Refused,
    Sec,
    Secrets,
    as_text,
    judge,
    mac,
    offer,
    read_file,
    read_push,
    read_text,
    semi_octets,
    tries_a_pin,
)
from fumo.dm.codec import decode, encode
from fumo.dm.message import WBXML, Add, Get, Item, Location
from fumo.dm.prov import PROV_WBXML, PROV_XML, Characteristic, Parm, Provisioning, encode_prov
from fumo.dm.tnds import TndsNode, TndsTree, decode_tnds, encode_tnds
from fumo.dm.wsp import Push, build
from fumo.errors import DecodeError, MisuseError

ACCOUNT = Provisioned(
    "mgmt",
    "https://dm.example/dm",
    Login("device-user", "device-secret"),
    Login("mgmt", "server-secret"),
    "A server",
    own_nonce=b"\0\1nonce",
    server_nonce=b"other",
)
ALL = Secrets(pin="1234", imsi="001010123456789")
NEEDS = {Sec.NETWORK: Secrets(imsi=ALL.imsi), Sec.USER: Secrets(pin="1234"), Sec.BOTH: ALL}

words = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=30
)
accounts = st.builds(
    Provisioned,
    words,
    words.map("https://dm.example/{}".format),
    st.builds(Login, words, words),
    st.builds(Login, words, words),
    st.just("") | words,
    st.sampled_from((MD5, BASIC)),
    st.none() | st.binary(min_size=1, max_size=32),
    st.none() | st.binary(min_size=1, max_size=32),
)


def sent(profile: Profile, sec: Sec, account: Provisioned = ACCOUNT) -> Bootstrap:
    return read_push(offer(profile, account, sec, ALL))


@pytest.mark.clause("C-BST", "B1-01", "B2-01")
@pytest.mark.parametrize("sec", Sec)
@pytest.mark.parametrize("profile", Profile)
def test_who_knows_the_secrets_gets_the_account(profile: Profile, sec: Sec):
    assert judge(sent(profile, sec), NEEDS[sec]) == Accepted(ACCOUNT)
    assert ACCOUNT.account == Account(ACCOUNT.own, ACCOUNT.server, MD5)


@pytest.mark.clause("C-BST")
@given(accounts, st.sampled_from(Profile), st.sampled_from(Sec), st.booleans())
def test_any_account_travels_in_a_push_by_either_profile(account, profile, sec, well_known):
    datagram = build(offer(profile, account, sec, ALL), well_known)
    assert judge(read_file(datagram), ALL) == Accepted(account)


@pytest.mark.clause("C-BST")
@given(st.sampled_from(Profile), st.data())
def test_a_body_that_was_changed_gives_nothing(profile: Profile, data: st.DataObject):
    whole = sent(profile, Sec.USER)
    body = bytearray(whole.body)
    bit = data.draw(st.integers(0, 8 * len(body) - 1))
    body[bit // 8] ^= 1 << bit % 8
    assert judge(replace(whole, body=bytes(body)), ALL) == Refused("its MAC is wrong", 2)


@pytest.mark.clause("C-BST")
@pytest.mark.parametrize("sec", ["", "NONE", "USERPINMAC"])
@pytest.mark.parametrize("profile", Profile)
def test_what_is_proven_by_nothing_gives_nothing(profile: Profile, sec: str):
    naked = replace(sent(profile, Sec.USER), sec=sec)
    assert judge(naked, ALL) == Refused("nothing that we know proves it", TRIES_MAX)
    without_mac = replace(sent(profile, Sec.USER), mac="")
    assert judge(without_mac, ALL) == Refused("nothing that we know proves it", TRIES_MAX)


@pytest.mark.clause("C-BST")
@pytest.mark.parametrize("profile", Profile)
def test_three_wrong_pins_block_a_document_also_for_the_right_one(profile: Profile):
    one, wrong = sent(profile, Sec.USER), Secrets(pin="4321")
    assert [judge(one, wrong, used).tries_left for used in range(4)] == [2, 1, 0, 0]
    assert judge(one, ALL, TRIES_MAX - 1) == Accepted(ACCOUNT)
    assert judge(one, ALL, TRIES_MAX) == Refused("blocked: 3 wrong PINs", 0)


@pytest.mark.clause("C-BST")
def test_a_wrong_network_costs_no_try():
    one = sent(Profile.CP, Sec.NETWORK)
    assert judge(one, Secrets(imsi="001010123456780")).tries_left == TRIES_MAX


@pytest.mark.clause("C-BST")
@pytest.mark.parametrize(
    ("sec", "known"),
    [
        (Sec.NETWORK, Secrets(pin="1234")),
        (Sec.USER, Secrets(imsi=ALL.imsi)),
        (Sec.USER, Secrets(pin="")),
        (Sec.BOTH, Secrets(pin="1234")),
        (Sec.BOTH, Secrets(imsi=ALL.imsi)),
    ],
)
@pytest.mark.parametrize("profile", Profile)
def test_without_the_secret_nothing_is_tried(profile: Profile, sec: Sec, known: Secrets):
    told = judge(sent(profile, sec), known)
    assert isinstance(told, Refused)
    assert told.reason.startswith("a secret is missing")
    assert told.tries_left == TRIES_MAX
    assert not tries_a_pin(sent(profile, sec), known)


@pytest.mark.clause("C-BST")
def test_an_unproven_document_is_not_even_read():
    rubbish = Bootstrap(Profile.CP, b"\x01\xff" * 40, "USERPIN", "00" * 20)
    assert judge(rubbish, ALL) == Refused("its MAC is wrong", 2)
    proven = replace(rubbish, mac=mac(b"1234", rubbish.body))
    told = judge(proven, ALL)
    assert isinstance(told, Refused)
    assert told.reason.startswith("proven, but no account")


@given(st.sampled_from(Profile), st.binary(min_size=1, max_size=200))
def test_proven_rubbish_is_refused_and_never_an_error(profile: Profile, body: bytes):
    for head in (b"", b"\x03\x0b\x6a\x00", b"\x02\xa4\x01\x6a\x00"):
        whole = head + body
        told = judge(Bootstrap(profile, whole, "USERPIN", mac(b"1234", whole)), ALL)
        assert isinstance(told, Refused)


# --- keys and bytes ---------------------------------------------------------------------------


@pytest.mark.clause("B2-05")
@pytest.mark.parametrize(
    ("imsi", "octets"),
    [("001010123456789", "0910101032547698"), ("00101012345678", "01101010325476f8")],
)
def test_an_imsi_in_semi_octets(imsi: str, octets: str):
    assert semi_octets(imsi).hex() == octets


@pytest.mark.parametrize("imsi", ["", "12345", "1" * 16, "00101a", "٠٠١٠١٠"])
def test_what_is_no_imsi(imsi: str):
    with pytest.raises(MisuseError):
        semi_octets(imsi)


@pytest.mark.clause("B1-03")
def test_the_mac_is_hmac_sha1_in_capitals():
    told = mac(b"Jefe", b"what do ya want for nothing?")  # RFC 2202
    assert told == "EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79"
    one = sent(Profile.CP, Sec.USER)
    assert judge(replace(one, mac=one.mac.lower()), ALL) == Accepted(ACCOUNT)


@pytest.mark.clause("B1-04", "B2-05")
@pytest.mark.parametrize(
    ("profile", "sec", "key"),
    [
        (Profile.CP, Sec.NETWORK, bytes.fromhex("0910101032547698")),
        (Profile.CP, Sec.USER, b"1234"),
        (Profile.CP, Sec.BOTH, bytes.fromhex("0910101032547698") + b"1234"),
        (Profile.DM, Sec.NETWORK, bytes.fromhex("0910101032547698")),
        (Profile.DM, Sec.USER, b"1234"),
        (Profile.DM, Sec.BOTH, b"1234:" + bytes.fromhex("0910101032547698")),
    ],
)
def test_what_the_key_is_made_of(profile: Profile, sec: Sec, key: bytes):
    one = sent(profile, sec)
    assert one.mac == mac(key, one.body)


def test_a_network_may_have_a_secret_that_is_no_imsi():
    secrets = Secrets(network=b"shared", imsi="not looked at")
    push = offer(Profile.DM, ACCOUNT, Sec.NETWORK, secrets)
    assert judge(read_push(push), secrets) == Accepted(ACCOUNT)
    assert repr(secrets) == "Secrets(***)"


@pytest.mark.clause("B1-03", "B1-04")
def test_the_words_of_each_profile():
    cp, dm = (offer(profile, ACCOUNT, Sec.BOTH, ALL) for profile in Profile)
    assert (cp.parameters["SEC"], dm.parameters["SEC"]) == ("USERNETWPIN", "USERPIN_NETWORKID")
    line = f"{Profile.DM}; sec=userpin_networkid; mac={dm.parameters['MAC']}"
    assert judge(read_file(dm.body, line), ALL) == Accepted(ACCOUNT)


def test_nobody_offers_without_a_secret():
    with pytest.raises(MisuseError, match="PIN"):
        offer(Profile.CP, ACCOUNT, Sec.USER, Secrets())


@pytest.mark.parametrize(
    ("push", "why"),
    [
        (Push("text/plain", {}, None, b"x"), "no bootstrap"),
        (Push(Profile.CP, {}, None, b""), "of 0 bytes"),
        (Push(Profile.DM, {}, None, bytes(65_537)), "of 65537 bytes"),
        (Push("application/vnd.syncml.dm+xml", {}, None, b"<SyncML/>"), "no bootstrap"),
    ],
)
def test_what_is_no_bootstrap_at_all(push: Push, why: str):
    with pytest.raises(DecodeError, match=why):
        read_push(push)


# --- documents --------------------------------------------------------------------------------


def parms(**values: str) -> tuple[Parm, ...]:
    return tuple(Parm(name.replace("_", "-"), value) for name, value in values.items())


ADDRESS = Characteristic("APPADDR", parms(ADDR="https://dm.example/dm", ADDRTYPE="URI"))
DEVICE = Characteristic(
    "APPAUTH", parms(AAUTHLEVEL="APPSRV", AAUTHNAME="u", AAUTHSECRET="s", AAUTHTYPE="DIGEST")
)
SERVER = Characteristic("APPAUTH", parms(AAUTHLEVEL="CLIENT", AAUTHNAME="mgmt", AAUTHSECRET="t"))
IDENTITY = parms(APPID="w7", PROVIDER_ID="mgmt")


def cp(*groups: Characteristic, identity: tuple[Parm, ...] = IDENTITY) -> bytes:
    application = Characteristic("APPLICATION", identity, groups)
    other = Characteristic("APPLICATION", parms(APPID="w2"))
    return encode_prov(Provisioning((other, application)), PROV_WBXML)


@pytest.mark.clause("B2-01", "B2-02")
def test_a_small_document_in_either_form():
    body = cp(ADDRESS, DEVICE, SERVER)
    expected = Provisioned("mgmt", "https://dm.example/dm", Login("u", "s"), Login("mgmt", "t"))
    assert account_cp.read(body) == expected
    application = Characteristic("APPLICATION", IDENTITY, (ADDRESS, DEVICE, SERVER))
    xml = encode_prov(Provisioning((application,)), PROV_XML)
    assert account_cp.read(xml) == expected


def address(url: str, port: str | None = None, **more: str) -> Characteristic:
    inner = (Characteristic("PORT", parms(PORTNBR=port)),) if port is not None else ()
    return Characteristic("APPADDR", parms(ADDR=url, **more), inner)


@pytest.mark.clause("B2-01")
@pytest.mark.parametrize(
    ("given_address", "url"),
    [
        (address("https://h/p", "8443"), "https://h:8443/p"),
        (address("https://h", "8443"), "https://h:8443"),
        (address("https://h:1/p", "8443"), "https://h:1/p"),
        (address("https://[::1]/p", "8443"), "https://[::1]:8443/p"),
        (address("https://[::1]:1/p", "8443"), "https://[::1]:1/p"),
    ],
)
def test_a_port_beside_the_address(given_address: Characteristic, url: str):
    assert account_cp.read(cp(given_address, DEVICE, SERVER)).url == url


def test_an_address_right_in_the_application():
    identity = (*IDENTITY, Parm("ADDR", "https://h/"))
    assert account_cp.read(cp(DEVICE, SERVER, identity=identity)).url == "https://h/"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (cp(DEVICE, SERVER), "without its address"),
        (cp(address("10.0.0.1", ADDRTYPE="IPV4"), DEVICE, SERVER), "no URI"),
        (cp(address("ftp://h/"), DEVICE, SERVER), "no address over HTTP"),
        (cp(address("https://h/", "0"), DEVICE, SERVER), "a port that is none"),
        (cp(address("https://h/", "1234567"), DEVICE, SERVER), "a port that is none"),
        (cp(address("https://h/", "x"), DEVICE, SERVER), "a port that is none"),
        (cp(ADDRESS, SERVER), "without its name for the device"),
        (cp(ADDRESS, DEVICE), "without its secret of the server"),
        (cp(ADDRESS, DEVICE, SERVER, identity=parms(APPID="w7")), "without its server id"),
        (cp(ADDRESS, identity=parms(APPID="w4")), "0 accounts"),
        (
            encode_prov(Provisioning((Characteristic("APPLICATION", IDENTITY),) * 2), PROV_WBXML),
            "2 accounts",
        ),
        (cp(address("https://h/\x07"), DEVICE, SERVER), "no word of an account"),
        (cp(address("https://" + "h" * 1025), DEVICE, SERVER), "no word of an account"),
    ],
)
def test_documents_that_are_no_account(body: bytes, why: str):
    with pytest.raises(DecodeError, match=why):
        account_cp.read(body)


def test_a_password_in_the_open_is_no_proof():
    told = parms(AAUTHLEVEL="APPSRV", AAUTHNAME="u", AAUTHSECRET="s", AAUTHTYPE="BASIC")
    device = Characteristic("APPAUTH", told)
    assert account_cp.read(cp(ADDRESS, device, SERVER)).scheme == BASIC
    with pytest.raises(DecodeError, match="shown to everybody"):
        account_cp.read(cp(address("http://dm.example/"), device, SERVER))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"AAUTHTYPE": "X509"}, "of the kind 'X509'"),
        ({"AAUTHTYPE": "DIGEST", "AAUTHDATA": "*"}, "not base64"),
    ],
)
def test_proofs_that_we_cannot_give(more: dict[str, str], why: str):
    told = parms(AAUTHLEVEL="APPSRV", AAUTHNAME="u", AAUTHSECRET="s", **more)
    with pytest.raises(DecodeError, match=why):
        account_cp.read(cp(ADDRESS, Characteristic("APPAUTH", told), SERVER))


# --- the DM profile ---------------------------------------------------------------------------

TYPE = "application/vnd.syncml.dmtnds+wbxml"


def message(*commands) -> bytes:
    whole = decode(account_dm.written(ACCOUNT), WBXML)
    return encode(replace(whole, commands=commands), WBXML)


def the_add() -> Add:
    command = decode(account_dm.written(ACCOUNT), WBXML).commands[0]
    assert isinstance(command, Add)
    return command


def adding(tree: TndsTree, uri: str | None = "./Inbox") -> Add:
    item = replace(the_add().items[0], data=encode_tnds(tree, TYPE))
    return Add((replace(item, target=Location(uri) if uri else None),), cmd_id=1)


def the_tree() -> TndsTree:
    return decode_tnds(the_add().items[0].data or b"")


@pytest.mark.clause("C-BST")
def test_the_tree_grants_its_server_what_it_must_have():
    top = the_tree().nodes[0]
    assert top.acl == "Delete=mgmt&Get=mgmt&Replace=mgmt"
    assert top.type == "urn:oma:mo:oma-dm-dmacc:1.0"


@pytest.mark.parametrize("uri", ["Inbox", "./Inbox", "./Inbox/x"])
def test_other_commands_of_the_message_are_not_done(uri: str):
    get = Get((Item(target=Location("./DevInfo")),), cmd_id=2)
    elsewhere = adding(the_tree(), "./DMAcc")
    assert account_dm.read(message(get, elsewhere, adding(the_tree(), uri))) == ACCOUNT


@pytest.mark.clause("B1-06")
def test_objects_that_are_not_ours_are_passed_over():
    wifi = TndsNode("WiFi", format="node", type="urn:oma:mo:wifi:1.0")
    leaf = TndsNode("x", format="chr", value="1")
    top = TndsNode("all", format="node", children=(wifi, leaf, *the_tree().nodes))
    assert account_dm.read(message(adding(TndsTree((top,))))) == ACCOUNT


@pytest.mark.clause("B1-06")
def test_of_several_versions_of_an_account_the_newest_known_counts():
    old = the_tree().nodes[0]
    new = replace(old, name="new", type="urn:oma:mo:oma-dm-dmacc:1.1")
    future = replace(old, name="future", type="urn:oma:mo:oma-dm-dmacc:7.0")
    other = replace(ACCOUNT, server_id="other")
    older = decode_tnds(decode(account_dm.written(other), WBXML).commands[0].items[0].data)  # type: ignore[union-attr]
    tree = TndsTree((*older.nodes, new, future))
    assert account_dm.read(message(adding(tree))) == ACCOUNT


def changed(uri: str, value: str | None) -> bytes:
    """The tree with one leaf of its account changed, or with None left out."""
    names = uri.split("/")

    def walk(node: TndsNode, path: list[str]) -> TndsNode | None:
        if not path:
            return None if value is None else replace(node, value=value)
        inner = [walk(c, path[1:]) if c.name == path[0] else c for c in node.children]
        return replace(node, children=tuple(one for one in inner if one))

    top = walk(the_tree().nodes[0], names)
    assert top is not None
    return message(adding(TndsTree((top,))))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (message(), "0 accounts"),
        (message(adding(the_tree()), adding(the_tree())), "2 accounts"),
        (message(adding(the_tree(), None)), "0 accounts"),
        (message(Add((Item(target=Location("./Inbox")),), cmd_id=1)), "an empty tree"),
        (changed("AppID", "w4"), "not for DM"),
        (changed("ServerID", None), "without its server id"),
        (changed("AppAddr/1/Addr", None), "without its address"),
        (changed("AppAddr/1/AddrType", "IPv4"), "no URI"),
        (changed("AppAuth/1/AAuthLevel", "HTTP"), "without its name for the device"),
        (changed("AppAuth/2/AAuthSecret", None), "without its secret of the server"),
        (changed("AppAuth/1/AAuthType", "SECURID"), "of the kind"),
    ],
)
def test_messages_that_give_no_account(body: bytes, why: str):
    with pytest.raises(DecodeError, match=why):
        account_dm.read(body)


@pytest.mark.parametrize("uri", ["AppID", "Name", "AppAddr/1/AddrType", "AppAuth/1/AAuthData"])
def test_what_may_be_left_out(uri: str):
    left = account_dm.read(changed(uri, None))
    assert (left.server_id, left.own) == (ACCOUNT.server_id, ACCOUNT.own)


def test_a_path_before_a_name_counts_too():
    top = the_tree().nodes[0]
    flat = [
        TndsNode(leaf.name, path="AppAddr/1", format="chr", value=leaf.value)
        for group in top.children
        if group.name == "AppAddr"
        for leaf in group.children[0].children
    ]
    others = [one for one in top.children if one.name != "AppAddr"]
    spread = replace(top, children=(*others, *flat))
    assert account_dm.read(message(adding(TndsTree((spread,))))) == ACCOUNT


def test_tries_are_counted_for_a_body_whatever_its_mac_says():
    one = sent(Profile.CP, Sec.USER)
    assert one.known_by == replace(one, mac="00").known_by
    assert one.known_by != sent(Profile.DM, Sec.USER).known_by


@given(st.binary(max_size=200))
def test_a_push_as_text_is_the_same_push(push: bytes):
    assert read_text(as_text(push)) == push
    assert read_text(f" {as_text(push).lower().replace('fumo:', 'FUMO:')}\n") == push


def test_a_file_may_hold_the_text_of_a_push():
    push = build(Push("text/vnd.example", {"SEC": "0"}, None, b"body"))
    with pytest.raises(DecodeError) as by_text:
        read_file(as_text(push).encode())
    with pytest.raises(DecodeError) as as_it_is:
        read_file(push)
    assert str(by_text.value) == str(as_it_is.value)


def test_a_text_with_strange_characters_is_refused():
    with pytest.raises(DecodeError, match="a character that is not its own"):
        read_text("FUMO:ABC0189!")
