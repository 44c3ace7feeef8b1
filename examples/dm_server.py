"""A DM server in one loop: reads DevInfo of every device that knows the password.

Run: `python3 examples/dm_server.py 8080`

Sessions are values: a real server keeps them in a database instead of a dict.
"""

import secrets
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from fumo import dm

ACCOUNT = dm.Account(own=dm.Login("example", "server-secret"), peer=dm.Login("me", "device-secret"))
QUESTION = dm.Get((dm.Item(target=dm.Location("./DevInfo?list=StructData")),))
BODY_BYTES_MAX = 65_536
sessions: dict[str, dm.SessionState] = {}


def turn(body: bytes, media_type: str) -> dm.Envelope:
    """Hear one message of a device, and say the next one."""
    heard = dm.Envelope(dm.decode(body, media_type), body, media_type)
    header = heard.message.header
    session = sessions.get(header.source.uri)
    if session is None or session.ended or session.session_id != header.session_id:
        nonces = session.kept if session else dm.Nonces()
        session = dm.open_server(header, nonces, media_type)
    session, events = dm.receive(session, ACCOUNT, heard)
    answers = [dm.Answer(event.ref, 200) for event in events if isinstance(event, dm.Asked)]
    again = any(isinstance(event, dm.Authenticated | dm.Challenged) for event in events)
    requests = [dm.Request("dev-info", QUESTION)] if again and session.trusted else []
    for event in events:
        if isinstance(event, dm.Answered):
            read = [f"{i.source.uri}={i.data}" for i in event.results if i.source]
            print(event.purpose, event.code, *read)
    session, said = dm.reply(session, ACCOUNT, answers, requests, secrets.token_bytes(16))
    sessions[header.source.uri] = session
    assert said is not None  # a server answers every message
    return said


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length", 0)), BODY_BYTES_MAX)
        media_type = dm.form_of(self.headers.get("Content-Type", "")) or ""
        try:
            said = turn(self.rfile.read(length), media_type)
        except (dm.DecodeError, dm.PeerError) as error:
            return self.send_error(400, str(error)[:200])
        self.send_response(200)
        self.send_header("Content-Type", said.media_type)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print(f"http://127.0.0.1:{server.server_port}/dm", flush=True)
    server.serve_forever()
