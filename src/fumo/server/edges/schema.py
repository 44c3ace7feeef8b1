"""The tables of the server's database, and the rules it keeps by itself.

One row of `device` guards all rows of that device. A correlator is never used twice, an operation
has one result for ever, and the alert log only grows: the database refuses anything else, whoever
writes. `tally` counts operations by campaign and state, kept by triggers within each commit.
"""

VERSION = 2

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what was answered must survive the power cut that follows
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
)

TABLES = """
CREATE TABLE device (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, secret TEXT NOT NULL, server_secret TEXT NOT NULL,
    profile TEXT NOT NULL, version INTEGER NOT NULL, nonces TEXT NOT NULL, info TEXT NOT NULL,
    objects TEXT NOT NULL, seen_at_s REAL
);
CREATE TABLE notified (
    device_id TEXT PRIMARY KEY REFERENCES device, session_id INTEGER NOT NULL
);
CREATE TABLE session (
    device_id TEXT PRIMARY KEY REFERENCES device, session_id TEXT NOT NULL, at_s REAL NOT NULL,
    state BLOB NOT NULL, work BLOB NOT NULL
);
CREATE TABLE reply (
    device_id TEXT NOT NULL, session_id TEXT NOT NULL, msg_id INTEGER NOT NULL,
    body_sha256 BLOB NOT NULL, reply BLOB NOT NULL, media_type TEXT NOT NULL,
    bound INTEGER NOT NULL,
    PRIMARY KEY (device_id, session_id, msg_id)
);
CREATE TABLE package (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL,
    length INTEGER NOT NULL, model TEXT, from_version TEXT, UNIQUE (name, version)
);
CREATE TABLE campaign (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, package_id INTEGER NOT NULL REFERENCES package,
    kind TEXT NOT NULL, created_at_s REAL NOT NULL, deadline_s REAL NOT NULL
);
CREATE TABLE operation (
    id INTEGER PRIMARY KEY AUTOINCREMENT, device_id TEXT NOT NULL REFERENCES device,
    campaign_id INTEGER NOT NULL REFERENCES campaign,
    package_id INTEGER NOT NULL REFERENCES package,
    kind TEXT NOT NULL, correlator TEXT NOT NULL UNIQUE, state TEXT NOT NULL, url TEXT,
    created_at_s REAL NOT NULL, due_at_s REAL NOT NULL, retry_of INTEGER REFERENCES operation,
    object_uri TEXT, sent_at_s REAL, state_before INTEGER, state_seen INTEGER,
    state_seen_at_s REAL, sendings INTEGER NOT NULL, asked INTEGER NOT NULL,
    deadline_s REAL NOT NULL, reason TEXT NOT NULL, result INTEGER, closed_at_s REAL
);
CREATE INDEX operation_by_device ON operation (device_id, id);
CREATE INDEX operation_by_campaign ON operation (campaign_id, id);
CREATE INDEX operation_due ON operation (due_at_s) WHERE state IN ('planned', 'sent', 'accepted');
CREATE TABLE result (
    operation_id INTEGER PRIMARY KEY REFERENCES operation, code INTEGER NOT NULL, at_s REAL NOT NULL
);
CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT, device_id TEXT NOT NULL, at_s REAL NOT NULL,
    session_id TEXT NOT NULL, msg_id INTEGER NOT NULL, type TEXT NOT NULL, source TEXT NOT NULL,
    data TEXT NOT NULL, mark TEXT NOT NULL, correlator TEXT, operation_id INTEGER,
    match TEXT NOT NULL
);
CREATE INDEX alert_by_operation ON alert (operation_id) WHERE operation_id IS NOT NULL;
CREATE TABLE note (
    id INTEGER PRIMARY KEY AUTOINCREMENT, operation_id INTEGER NOT NULL REFERENCES operation,
    at_s REAL NOT NULL, text TEXT NOT NULL, state TEXT, incident INTEGER NOT NULL
);
CREATE INDEX note_by_operation ON note (operation_id);
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, device_id TEXT NOT NULL, inbound INTEGER NOT NULL,
    session_id TEXT NOT NULL, msg_id INTEGER NOT NULL, at_s REAL NOT NULL,
    media_type TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX message_by_device ON message (device_id, id);
CREATE TABLE about (
    operation_id INTEGER NOT NULL, message_id INTEGER NOT NULL,
    PRIMARY KEY (operation_id, message_id)
) WITHOUT ROWID;
CREATE TABLE fetch (
    offset INTEGER PRIMARY KEY, operation_id INTEGER, at_s REAL NOT NULL, method TEXT NOT NULL,
    status INTEGER NOT NULL, range TEXT NOT NULL, bytes INTEGER NOT NULL
);
CREATE INDEX fetch_by_operation ON fetch (operation_id);
CREATE TABLE tally (
    campaign_id INTEGER NOT NULL, state TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, state)
) WITHOUT ROWID;
"""

RULES = """
CREATE TRIGGER alert_stays BEFORE UPDATE ON alert
    BEGIN SELECT RAISE(ABORT, 'the alert log only grows'); END;
CREATE TRIGGER alert_is_kept BEFORE DELETE ON alert
    BEGIN SELECT RAISE(ABORT, 'the alert log only grows'); END;
CREATE TRIGGER result_stays BEFORE UPDATE ON result
    BEGIN SELECT RAISE(ABORT, 'a result never changes'); END;
CREATE TRIGGER result_is_kept BEFORE DELETE ON result
    BEGIN SELECT RAISE(ABORT, 'a result never changes'); END;
CREATE TRIGGER closed_stays BEFORE UPDATE ON operation
    WHEN OLD.result IS NOT NULL
        AND (NEW.result IS NOT OLD.result OR NEW.state IS NOT OLD.state)
    BEGIN SELECT RAISE(ABORT, 'a closed operation never changes'); END;
CREATE TRIGGER correlator_stays BEFORE UPDATE OF correlator ON operation
    WHEN NEW.correlator IS NOT OLD.correlator
    BEGIN SELECT RAISE(ABORT, 'a correlator never changes'); END;
CREATE TRIGGER tally_new AFTER INSERT ON operation BEGIN
    INSERT INTO tally VALUES (NEW.campaign_id, NEW.state, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER tally_moved AFTER UPDATE OF state ON operation WHEN NEW.state IS NOT OLD.state BEGIN
    UPDATE tally SET number = number - 1
        WHERE campaign_id = OLD.campaign_id AND state = OLD.state;
    INSERT INTO tally VALUES (NEW.campaign_id, NEW.state, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
"""
