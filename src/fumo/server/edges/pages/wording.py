"""The words on buttons, what they ask before something grave is done, and the pages there are."""

PLACES = (
    ("/", "Campaigns", "viewer"),
    ("/devices", "Devices", "viewer"),
    ("/packages", "Packages", "viewer"),
    ("/operations", "Operations", "viewer"),
    ("/alerts", "Alerts", "viewer"),
    ("/incidents", "Incidents", "viewer"),
    ("/users", "Users", "admin"),
    ("/audit", "Audit", "admin"),
)
"""Address, title, and the role that sees it."""
WORDS = {
    "submit": "Ask for approval",
    "approve": "Approve",
    "deny": "Deny",
    "start": "Start",
    "pause": "Pause",
    "resume": "Resume",
    "next-group": "Open next group",
    "stop": "Stop",
    "retry": "Order the failed anew",
    "cancel": "Cancel this operation",
}
SURE = {
    "deny": "It never begins. Say why:",
    "stop": "What was not sent is cancelled, for good. What devices are at goes on to its result.",
    "cancel": "If its order has left already, what the device reports decides.",
    "retry": "Each device that failed gets a new operation, which may download and apply again.",
}


def here(path: str, address: str) -> bool:
    """Is this page one of those behind that link?"""
    if address == "/":
        return path == "/" or path.startswith("/campaigns")
    return path == address or path.startswith(address + "/") or path + "s" == address
