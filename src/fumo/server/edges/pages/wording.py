"""The words on buttons, what they ask before something grave is done, and the pages there are."""

PLACES = (
    ("/", "Campaigns", "viewer"),
    ("/devices", "Devices", "viewer"),
    ("/packages", "Packages", "viewer"),
    ("/operations", "Operations", "viewer"),
    ("/alerts", "Alerts", "viewer"),
    ("/incidents", "Incidents", "viewer"),
    ("/users", "Users", "admin"),
    ("/webhooks", "Webhooks", "admin"),
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
    "deny": "It never runs, and its maker reads why.",
    "stop": "What was not sent is cancelled, for good. What devices are at goes on to its result.",
    "cancel": "If its order has left already, what the device reports decides.",
    "retry": "Each device that failed gets a new operation, which may download and apply again.",
}
NEEDS_REASON = frozenset({"deny"})
CHIPS = {"waiting_approval": "waits for approval", "cancel_requested": "cancel requested"}
"""States that have another word on pages."""
KINDS = {
    "downloadandupdate": "Download and update",
    "download": "Download only",
    "update": "Update what was downloaded",
    "download-then-update": "Download, then update by a second operation",
    "pkgdata": "Update, with the package carried by DM itself",
}


def here(path: str, address: str) -> bool:
    """Is this page one of those behind that link?"""
    if address == "/":
        return path == "/" or path.startswith(("/campaigns", "/new-campaign"))
    return path == address or path.startswith(address + "/") or path + "s" == address
