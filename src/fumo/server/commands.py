"""The commands that an order needs, each with the word by which its answer is known. Pure."""

import re

from fumo.codes import Status
from fumo.dm.message import Add, Exec, Get, Item, Location, Meta, Replace
from fumo.dm.session import Answered, Request
from fumo.server.operation import exec_uri, state_uri, url_uri
from fumo.server.rows import Operation

STATE, URL, EXEC, ASK = "state", "url", "exec:", "ask:"
"""Purposes: State before an Exec, PkgURL, the Exec of an operation, State of an open one."""

_NUMBER = re.compile(r"\s*(\d{1,4})\s*$")


def get_state(purpose: str, object_uri: str) -> Request:
    """Read an object's State."""
    return Request(purpose, Get((Item(target=Location(state_uri(object_uri))),)))


def ask_state(operation: Operation) -> Request:
    """Read State on account of an operation that is open."""
    return get_state(f"{ASK}{operation.id}", operation.object_uri or "")


def replace_url(object_uri: str, operation: Operation, url: str) -> Request:
    """Write where the package is."""
    target = Location(url_uri(object_uri, operation.kind))
    meta = Meta(format="chr", type="text/plain")
    return Request(URL, Replace((Item(target=target, meta=meta, data=url),)))


def add_url(object_uri: str, operation: Operation, url: str) -> Request:
    """Write where the package is, on a device that has no such node before."""
    command = replace_url(object_uri, operation, url).command
    assert isinstance(command, Replace)
    return Request(URL, Add(command.items))


def execute(operation: Operation) -> Request:
    """The Exec: the same operation gives the same command, correlator included."""
    target = Location(exec_uri(operation.object_uri or "", operation.kind))
    command = Exec((Item(target=target),), correlator=operation.correlator)
    return Request(f"{EXEC}{operation.id}", command)


def number_of(purpose: str, word: str) -> int:
    """The operation that a purpose names."""
    return int(purpose.removeprefix(word))


def state_in(answered: Answered) -> int | None:
    """The State that a Get read, or None when it read none."""
    if answered.code != Status.OK or not answered.results:
        return None
    data = answered.results[0].data
    found = _NUMBER.match(data) if isinstance(data, str) else None
    return int(found.group(1)) if found else None


def said(answered: Answered) -> str:
    """A refusal in words: its code, and what its Item says (some say "busy" there)."""
    data = next((item.data for item in answered.items if isinstance(item.data, str)), "")
    return f"{answered.code} {data[:80]!r}" if data else str(answered.code)
