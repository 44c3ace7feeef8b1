"""Where pushes come from: a port, a named pipe, both or nowhere."""

from contextlib import ExitStack
from pathlib import Path

from fumo.device.coherence import place
from fumo.device.edges.machine import named
from fumo.device.edges.news_clock import NewsClock
from fumo.device.edges.push_listener import PushListener
from fumo.device.edges.push_pipe import PushPipe
from fumo.device.edges.push_queue import Listener, Together
from fumo.device.ports import Log, Pushes
from fumo.device.settings import SessionSection


def listening(section: SessionSection, clock: NewsClock, log: Log, stack: ExitStack) -> Pushes:
    """Listen until the stack ends. OSError names the setting that cannot be had."""
    ways: list[Listener] = []
    if section.push:
        host, port = place(section.push)
        with named(f"session.push: {section.push}"):
            heard = stack.enter_context(PushListener(host, port, clock.wake))
        log("Listens", host=host, port=heard.port)
        ways.append(heard)
    if section.pipe:
        with named(f"session.pipe: {section.pipe}"):
            ways.append(stack.enter_context(PushPipe(Path(section.pipe), clock.wake)))
        log("Listens", pipe=section.pipe)
    return Together(*ways)
