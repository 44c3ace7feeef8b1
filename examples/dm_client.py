"""A DM device in one loop: lets a server read a small tree, until the server asks nothing more.

Run: `python3 examples/dm_client.py http://127.0.0.1:8080/dm`
"""

import secrets
import sys
from urllib.request import Request, urlopen

from fumo import dm
from fumo.codes import ManagementObject
from fumo.tree.apply import apply
from fumo.tree.node import Caller, Node, Tree

DEVICE = "urn:example:1"
ACCOUNT = dm.Account(own=dm.Login("me", "device-secret"), peer=dm.Login("example", "server-secret"))
LEAVES = {"DevId": DEVICE, "Man": "Example", "Mod": "Loop", "DmV": "1.2", "Lang": "en"}
TREE: Tree = {
    ".": Node("node", type=""),
    "./DevInfo": Node("node", type=ManagementObject.DEV_INFO),
    **{f"./DevInfo/{name}": Node("chr", value) for name, value in LEAVES.items()},
}


def first_words() -> list[dm.Request]:
    """Package 1: who calls (1201), and the nodes of DevInfo by Source."""
    info = [dm.Item(source=dm.Location(f"./DevInfo/{n}"), data=v) for n, v in LEAVES.items()]
    begin = dm.Alert(dm.AlertCode.CLIENT_INITIATED)
    return [dm.Request("session", begin), dm.Request("dev-info", dm.Replace(tuple(info)))]


def answer(asked: dm.Asked) -> list[dm.Answer]:
    """One Status for each Item of a command, with what a Get found."""
    done = apply(TREE, asked.command, Caller(ACCOUNT.peer.name))
    return [dm.Answer(asked.ref, one.code, one.items, one.results, (one.target,)) for one in done]


def run(url: str, nonces: dm.Nonces) -> dm.Nonces:
    """One session; gives the nonces to keep for the next one."""
    session_id = f"{secrets.randbelow(0xFFFF) + 1:X}"
    session = dm.open_device(session_id, DEVICE, url, nonces, dm.MD5, dm.WBXML)
    answers, requests = [], first_words()
    while True:
        random = secrets.token_bytes(16)
        session, said = dm.reply(session, ACCOUNT, answers, requests, random)
        if said is None:
            return session.kept
        post = Request(url, said.body, {"Content-Type": said.media_type})
        with urlopen(post, timeout=10) as response:
            body = response.read()
        heard = dm.Envelope(dm.decode(body, dm.WBXML), body, dm.WBXML)
        session, events = dm.receive(session, ACCOUNT, heard)
        answers = [each for e in events if isinstance(e, dm.Asked) for each in answer(e)]
        requests = first_words() if any(isinstance(e, dm.Challenged) for e in events) else []


if __name__ == "__main__":
    kept = run(sys.argv[1], dm.Nonces())
    print("done; a real device keeps these on disk:", kept)
