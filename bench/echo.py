"""The least that a server of this kind costs: raw ASGI on uvicorn, which says what it was told.

`python -m bench.echo` prints its port and serves until it is killed.
"""

import socket
from typing import Any

import uvicorn


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer a POST with its own body."""
    body, more = b"", True
    while more:
        event = await receive()
        body, more = body + event.get("body", b""), event.get("more_body", False)
    headers = [(b"content-type", b"application/vnd.syncml.dm+wbxml")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, http="httptools", loop="uvloop", lifespan="off", log_level="error")
    uvicorn.Server(config).run(sockets=[listener])
