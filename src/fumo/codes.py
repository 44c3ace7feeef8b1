"""Numbers with names: DM Status and Alert codes, FUMO states, results, alert types, Marks.

Tables only, as the standards give them (DM RepPro §10, DM Protocol §8.7, FUMO §5 and §6.2).
The result codes are a space of their own: 404 as a Status is not 404 as a result.
"""

from enum import IntEnum, StrEnum

from msgspec import Struct


class Status(IntEnum):
    """DM Status codes that Fumo sends or understands (DM RepPro §10)."""

    OK = 200
    ACCEPTED = 202
    AUTHENTICATED = 212
    CHUNK_ACCEPTED = 213
    CANCELLED = 214
    NOT_EXECUTED = 215
    ROLLED_BACK = 216
    NOT_MODIFIED = 304
    BAD_REQUEST = 400
    INVALID_CREDENTIALS = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    NOT_ALLOWED = 405
    NOT_SUPPORTED = 406
    CREDENTIALS_MISSING = 407
    TIMEOUT = 408
    INCOMPLETE = 412
    TOO_LARGE = 413
    URI_TOO_LONG = 414
    UNSUPPORTED_FORMAT = 415
    SIZE_TOO_BIG = 416
    EXISTS = 418
    DEVICE_FULL = 420
    SIZE_MISMATCH = 424
    PERMISSION_DENIED = 425
    FAILED = 500
    UNSUPPORTED_DTD = 505
    PROCESSING_ERROR = 506
    ATOMIC_FAILED = 507
    STORE_FAILURE = 510
    UNSUPPORTED_PROTOCOL = 513
    ROLLBACK_FAILED = 516
    RESPONSE_TOO_LARGE = 517


class AlertCode(IntEnum):
    """Data of an Alert (DM Protocol §8.7)."""

    DISPLAY = 1100
    CONFIRM = 1101
    TEXT_INPUT = 1102
    SINGLE_CHOICE = 1103
    MULTIPLE_CHOICE = 1104
    SERVER_INITIATED = 1200
    CLIENT_INITIATED = 1201
    NEXT_MESSAGE = 1222
    SESSION_ABORT = 1223
    CLIENT_EVENT = 1224
    NO_END_OF_DATA = 1225
    GENERIC = 1226


class State(IntEnum):
    """What the FUMO object's State node may hold (FUMO §5)."""

    IDLE = 10
    DOWNLOAD_FAILED = 20
    DOWNLOAD_PROGRESSING = 30
    DOWNLOAD_COMPLETE = 40
    READY_TO_UPDATE = 50
    UPDATE_PROGRESSING = 60
    UPDATE_FAILED_HAVE_DATA = 70
    UPDATE_FAILED_NO_DATA = 80
    UPDATE_SUCCESSFUL_HAVE_DATA = 90
    UPDATE_SUCCESSFUL_NO_DATA = 100


class Kind(StrEnum):
    """The three operations, by the name of the node that is Exec'd (FUMO §5)."""

    DOWNLOAD = "Download"
    UPDATE = "Update"
    DOWNLOAD_AND_UPDATE = "DownloadAndUpdate"


ALERT_TYPES = {
    Kind.DOWNLOAD: "org.openmobilealliance.dm.firmwareupdate.download",
    Kind.UPDATE: "org.openmobilealliance.dm.firmwareupdate.update",
    Kind.DOWNLOAD_AND_UPDATE: "org.openmobilealliance.dm.firmwareupdate.downloadandupdate",
}
USER_REQUEST = "org.openmobilealliance.dm.firmwareupdate.userrequest"
DEVICE_REQUEST = "org.openmobilealliance.dm.firmwareupdate.devicerequest"


class Mark(StrEnum):
    """Importance of a Generic Alert, most to least (DM Protocol §8.7). Absent: informational."""

    FATAL = "fatal"
    CRITICAL = "critical"
    MINOR = "minor"
    WARNING = "warning"
    INFORMATIONAL = "informational"
    HARMLESS = "harmless"
    INDETERMINATE = "indeterminate"


class ManagementObject(StrEnum):
    """Identifiers of the management objects: the Type property of their root (DM StdObj)."""

    FUMO = "urn:oma:mo:oma-fumo:1.0"
    DEV_INFO = "urn:oma:mo:oma-dm-devinfo:1.0"
    DEV_DETAIL = "urn:oma:mo:oma-dm-devdetail:1.0"
    DM_ACC = "urn:oma:mo:oma-dm-dmacc:1.0"
    INBOX = "urn:oma:mo:oma-dm-inbox:1.0"


class Result(Struct, frozen=True):
    """One result code of a firmware operation: its name, and the Mark our alert carries."""

    name: str
    mark: Mark = Mark.CRITICAL

    @property
    def good(self) -> bool:
        """Successes are the results whose alert is merely informational."""
        return self.mark is Mark.INFORMATIONAL


RESULTS: dict[int, Result] = {
    200: Result("Successful", Mark.INFORMATIONAL),
    400: Result("Management client error"),
    401: Result("User cancelled", Mark.WARNING),
    402: Result("Corrupted firmware update package"),
    403: Result("Package does not fit the device"),
    404: Result("Failed validation of the package"),
    405: Result("Package not acceptable"),
    406: Result("Alternate download: authentication failed"),
    407: Result("Alternate download: request timed out", Mark.MINOR),
    408: Result("Not implemented"),
    409: Result("Undefined error"),
    410: Result("Firmware update failed"),
    411: Result("Malformed or bad URL"),
    412: Result("Alternate download server unavailable", Mark.MINOR),
    500: Result("Alternate download server error", Mark.MINOR),
    501: Result("Download fails: device out of memory"),
    502: Result("Update fails: device out of memory"),
    503: Result("Download fails: network issues", Mark.MINOR),
}
"""The codes FUMO §6.2 names. Everything else inside the vendor ranges is legal but nameless."""

VENDOR_RESULTS = {
    range(250, 300): Result("Successful, vendor specified", Mark.INFORMATIONAL),
    range(450, 500): Result("Client error, vendor specified"),
    range(550, 600): Result("Alternate download server error, vendor specified", Mark.MINOR),
}


def result(code: int) -> Result | None:
    """The meaning of a result code, or None for one that FUMO §6.2 does not allow."""
    vendor = (meaning for codes, meaning in VENDOR_RESULTS.items() if code in codes)
    return RESULTS.get(code) or next(vendor, None)
