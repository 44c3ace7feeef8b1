"""Notifications the server sends: package #0 for one device, as the bytes of a push. Pure.

A device believes a notification by the nonce it gave this server, so one that never came cannot be
notified. Session ids of one device count up, so that no device takes a new one for a repeat.
"""

from fumo.dm.auth import Login
from fumo.dm.notification import SESSION_ID_MAX, Trigger, UiMode, build
from fumo.dm.wsp import DM_APPLICATION, NOTIFICATION, Push
from fumo.dm.wsp import build as pushed
from fumo.server.rollout import Denied
from fumo.server.rows import Device

UI_MODES = {mode.name.lower().replace("_", "-"): mode for mode in UiMode}


def ui_mode(words: str) -> UiMode:
    """How much the user should notice, by its name."""
    if words not in UI_MODES:
        raise Denied(f"no way {words!r} to tell the user: there are {', '.join(UI_MODES)}")
    return UI_MODES[words]


def next_session(last: int | None) -> int:
    """The session id after this one."""
    return (last or 0) % SESSION_ID_MAX + 1


def pushed_notice(device: Device, server_id: str, session_id: int, mode: UiMode) -> Push:
    """What is pushed to a device to ask it for a session. Denied: it gave no nonce yet."""
    nonce = device.nonces.own
    if nonce is None:
        raise Denied(f"{device.id!r} gave no nonce yet: it has to come once by itself")
    trigger = Trigger(server_id, session_id, mode)
    body = build(trigger, Login(server_id, device.server_secret), nonce)
    return Push(NOTIFICATION, {}, DM_APPLICATION, body)


def notice(device: Device, server_id: str, session_id: int, mode: UiMode) -> bytes:
    """The push that asks a device for a session, as its bytes."""
    return pushed(pushed_notice(device, server_id, session_id, mode))
