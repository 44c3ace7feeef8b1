"""The tables of the server's database, described once for SQLite and PostgreSQL.

One row of `device` guards all rows of that device. Every key begins with the device or leads to
it, so that a database which shards by device stays possible. `tally` counts operations by campaign,
group, kind, state, result, and whether another one follows; triggers (`rules`) keep it within
each commit.

Only migrations load this: SQLAlchemy is heavy, and no message needs it.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from fumo.server.edges import depot_tables as _depot
from fumo.server.edges.columns import (
    ALONE,
    BYTES,
    COUNTED,
    META,
    NUMBER,
    REAL,
)
from fumo.server.edges.columns import key as _key
from fumo.server.edges.columns import may as _may
from fumo.server.edges.columns import needs as _needs
from fumo.server.edges.contents import tables as _contents
from fumo.server.edges.deltas import tables as _deltas
from fumo.server.edges.events import tables as _events
from fumo.server.edges.waking import tables as _waking

HELD = text("state = 'held'")
OPEN = text("state IN ('planned', 'sent', 'accepted', 'cancel_requested')")
UNSETTLED = text("unsettled = 1")
LIVE = text("state NOT IN ('denied', 'finished', 'stopped')")
FOLLOWED = text("follow_at_s IS NOT NULL")
RESULTS = ("result", "followed")
BOUND = text("bound_key IS NOT NULL")
UNSEEN = text("seen_at_s IS NULL")

DEVICE = Table(
    "device",
    META,
    Column("id", Text, primary_key=True),
    *(_needs(name, Text) for name in ("user", "secret", "server_secret", "profile")),
    _needs("version", NUMBER),
    *(_needs(name, Text) for name in ("nonces", "info", "objects")),
    _may("seen_at_s", REAL),
    *(_may(name, Text) for name in ("bound_key", "bound_name")),
    _needs("certificate_alone", NUMBER),
    Index("device_by_key", "bound_key", unique=True, sqlite_where=BOUND, postgresql_where=BOUND),
)
ATTRIBUTE = Table(
    "attribute",
    META,
    Column("device_id", Text, ForeignKey("device.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("rank", BYTES, primary_key=True),
    _needs("value", Text),
    Index("attribute_by_rank", "name", "rank", "device_id"),
    **ALONE,
)
UNPLACED = Table(
    "unplaced",
    META,
    Column("device_id", Text, ForeignKey("device.id"), primary_key=True),
    **ALONE,
)
NOTIFIED = Table(
    "notified",
    META,
    Column("device_id", Text, ForeignKey("device.id"), primary_key=True),
    _needs("session_id", NUMBER),
)
SESSION = Table(
    "session",
    META,
    Column("device_id", Text, ForeignKey("device.id"), primary_key=True),
    _needs("session_id", Text),
    _needs("at_s", REAL),
    _needs("state", LargeBinary),
    _needs("work", LargeBinary),
)
REPLY = Table(
    "reply",
    META,
    Column("device_id", Text, primary_key=True),
    Column("session_id", Text, primary_key=True),
    Column("msg_id", NUMBER, primary_key=True, autoincrement=False),
    _needs("body_sha256", LargeBinary),
    _needs("reply", LargeBinary),
    _needs("media_type", Text),
    _needs("bound", NUMBER),
)
PACKAGE = Table(
    "package",
    META,
    _key(),
    *(_needs(name, Text) for name in ("name", "version", "sha256")),
    _needs("length", NUMBER),
    *(_may(name, Text) for name in ("model", "from_version")),
    UniqueConstraint("name", "version"),
    Index("package_by_content", "sha256"),
)
CAMPAIGN = Table(
    "campaign",
    META,
    _key(),
    _needs("name", Text),
    _needs("package_id", NUMBER, ForeignKey("package.id")),
    _needs("kind", Text),
    *(_needs(name, REAL) for name in ("created_at_s", "deadline_s")),
    *(_needs(name, Text) for name in ("state", "sizes")),
    *(_needs(name, NUMBER) for name in ("opened", "success_percent", "error_percent")),
    *(_needs(name, NUMBER) for name in ("forgiven", "rate")),
    _needs("rated_at_s", REAL),
    *(_needs(name, Text) for name in ("why", "filter", "made_by", "approved_by")),
    *(_needs(name, NUMBER) for name in ("dynamic", "approval", "download_anytime", "then_update")),
    *(_needs(name, NUMBER) for name in ("consent", "carries", "unsettled")),
    *(_needs(name, NUMBER) for name in ("wake", "wake_rate", "descriptor", "bytes_per_s")),
    *(_may(name, REAL) for name in ("starts_at_s", "ends_at_s")),
    *(_needs(name, Text) for name in ("windows", "zone", "retries")),
    Index("campaign_unsettled", "id", sqlite_where=UNSETTLED, postgresql_where=UNSETTLED),
    Index("campaign_live", "id", sqlite_where=LIVE, postgresql_where=LIVE),
)
OPERATION = Table(
    "operation",
    META,
    _key(),
    _needs("device_id", Text, ForeignKey("device.id")),
    _needs("campaign_id", NUMBER, ForeignKey("campaign.id")),
    _needs("package_id", NUMBER, ForeignKey("package.id")),
    *(_needs(name, Text) for name in ("kind", "correlator", "state")),
    _may("url", Text),
    *(_needs(name, REAL) for name in ("created_at_s", "due_at_s")),
    _may("retry_of", NUMBER, ForeignKey("operation.id")),
    _may("object_uri", Text),
    _may("sent_at_s", REAL),
    *(_may(name, NUMBER) for name in ("state_before", "state_seen")),
    _may("state_seen_at_s", REAL),
    *(_needs(name, NUMBER) for name in ("sendings", "asked")),
    _needs("deadline_s", REAL),
    _needs("reason", Text),
    _may("result", NUMBER),
    _may("closed_at_s", REAL),
    *(_needs(name, NUMBER) for name in ("group_number", "attempt")),
    _may("follow_at_s", REAL),
    _may("next_id", NUMBER),
    *(_may(name, REAL) for name in ("taken_at_s", "cancel_at_s", "notified_at_s")),
    _may("user_asked_at_s", REAL),
    UniqueConstraint("correlator"),
    Index("operation_by_device", "device_id", "id"),
    Index("operation_by_campaign", "campaign_id", "id"),
    Index("operation_by_state", "campaign_id", "state", "id"),
    Index("operation_due", "due_at_s", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("operation_held", "campaign_id", "group_number", "id",
          sqlite_where=HELD, postgresql_where=HELD),
    Index("operation_follow", "campaign_id", "follow_at_s",
          sqlite_where=FOLLOWED, postgresql_where=FOLLOWED),
    **COUNTED,
)  # fmt: skip
RESULT = Table(
    "result",
    META,
    Column("operation_id", NUMBER, ForeignKey("operation.id"), primary_key=True,
           autoincrement=False),
    _needs("code", NUMBER),
    _needs("at_s", REAL),
)  # fmt: skip
ALERT = Table(
    "alert",
    META,
    _key(),
    _needs("device_id", Text),
    _needs("at_s", REAL),
    _needs("session_id", Text),
    _needs("msg_id", NUMBER),
    *(_needs(name, Text) for name in ("type", "source", "data", "mark")),
    _may("correlator", Text),
    _may("operation_id", NUMBER),
    _needs("match", Text),
    Index("alert_by_operation", "operation_id", sqlite_where=text("operation_id IS NOT NULL"),
          postgresql_where=text("operation_id IS NOT NULL")),
    Index("alert_by_match", "match", "id"),
    **COUNTED,
)  # fmt: skip
NOTE = Table(
    "note",
    META,
    _key(),
    _needs("operation_id", NUMBER, ForeignKey("operation.id")),
    _needs("at_s", REAL),
    _needs("text", Text),
    _may("state", Text),
    _needs("incident", NUMBER),
    Index("note_by_operation", "operation_id"),
    **COUNTED,
)
INCIDENT = Table(
    "incident",
    META,
    _key(),
    *(_needs(name, Text) for name in ("device_id", "kind")),
    _needs("operation_id", NUMBER),
    _needs("text", Text),
    *(_needs(name, REAL) for name in ("at_s", "last_at_s")),
    _needs("number", NUMBER),
    _needs("seen_by", Text),
    _may("seen_at_s", REAL),
    UniqueConstraint("device_id", "kind", "operation_id"),
    Index("incident_open", "id", sqlite_where=UNSEEN, postgresql_where=UNSEEN),
    **COUNTED,
)
MESSAGE = Table(
    "message",
    META,
    _key(),
    _needs("device_id", Text),
    _needs("inbound", NUMBER),
    _needs("session_id", Text),
    _needs("msg_id", NUMBER),
    _needs("at_s", REAL),
    _needs("media_type", Text),
    _needs("body", LargeBinary),
    Index("message_by_device", "device_id", "id"),
    **COUNTED,
)
ABOUT = Table(
    "about",
    META,
    Column("operation_id", NUMBER, primary_key=True, autoincrement=False),
    Column("message_id", NUMBER, primary_key=True, autoincrement=False),
    **ALONE,
)
SECRET = Table(
    "secret",
    META,
    Column("name", Text, primary_key=True),
    _needs("value", Text),
)
TALLY = Table(
    "tally",
    META,
    Column("campaign_id", NUMBER, primary_key=True, autoincrement=False),
    Column("group_number", NUMBER, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    *(Column(name, NUMBER, primary_key=True, autoincrement=False) for name in RESULTS),
    _needs("number", NUMBER),
    **ALONE,
)
ACCOUNT = Table(
    "account",
    META,
    Column("name", Text, primary_key=True),
    _needs("role", Text),
    _may("password", Text),
    _needs("created_at_s", REAL),
)
TOKEN = Table(
    "token",
    META,
    _key(),
    _needs("account", Text, ForeignKey("account.name")),
    *(_needs(name, Text) for name in ("label", "sha256", "role")),
    _needs("session", NUMBER),
    _needs("created_at_s", REAL),
    _may("ends_at_s", REAL),
    UniqueConstraint("sha256"),
    Index("token_by_account", "account"),
    **COUNTED,
)
AUDIT = Table(
    "audit",
    META,
    _key(),
    _needs("at_s", REAL),
    *(_needs(name, Text) for name in ("who", "place", "action", "target")),
    **COUNTED,
)
ANSWERED = Table(
    "answered",
    META,
    Column("who", Text, primary_key=True),
    Column("given", Text, primary_key=True),
    _needs("request_sha256", Text),
    _needs("body", LargeBinary),
    _needs("at_s", REAL),
    Index("answered_at", "at_s"),
)
GUESS = Table(
    "guess",
    META,
    Column("name", Text, primary_key=True),
    _needs("failures", NUMBER),
    *(_needs(name, REAL) for name in ("until_s", "at_s")),
    Index("guess_at", "at_s"),
)
ALLOWANCE = Table(
    "allowance",
    META,
    Column("name", Text, primary_key=True),
    *(_needs(name, NUMBER) for name in ("minute", "used")),
    Index("allowance_minute", "minute"),
)
QUOTA = Table(
    "quota",
    META,
    Column("name", Text, primary_key=True),
    _needs("most", NUMBER),
)
COUNTER = Table(
    "counter",
    META,
    Column("name", Text, primary_key=True),
    _needs("number", NUMBER),
)
VISIT = Table(
    "visit",
    META,
    Column("sha256", Text, primary_key=True),
    _may("account", Text),
    *(_needs(name, REAL) for name in ("at_s", "until_s")),
    Index("visit_until", "until_s"),
)
CONTENTS = (_contents.CONTENT, _contents.UPLOAD, _contents.PIECE)
EVENTS = (_events.EVENT, _events.FEED, _events.WEBHOOK, _events.KEPT)
WAKING = (_waking.WAKING, _waking.CONTACT, _waking.PACE)
"""What sleeping devices are owed, and what was tried."""
DEPOT = (_depot.DOWNLOAD, _depot.TRANSFER)
DELTAS = (_deltas.DELTA, _deltas.TURN)
