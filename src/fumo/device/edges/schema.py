"""The device journal's tables, in SQL: the records D0 to D9 and what the database itself forbids.

The once-only rule is kept by `step`; these triggers keep it once more, for a caller that would
not ask `step`: after the seal no attempt, no checkpoint and no intent can be inserted, an outcome
cannot be changed, an attempt counter cannot go back, and an operation's number comes only once.
"""

TABLES = """
CREATE TABLE ids (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    boot_id INTEGER NOT NULL, session INTEGER NOT NULL, last_op_id INTEGER NOT NULL,
    own_nonce BLOB, peer_nonce BLOB
);
INSERT INTO ids VALUES (1, 0, 0, 0, NULL, NULL);

CREATE TABLE exec_in (
    op_id INTEGER PRIMARY KEY,
    server TEXT NOT NULL, object_uri TEXT NOT NULL, kind TEXT NOT NULL, correlator TEXT,
    session_id TEXT NOT NULL, msg_id INTEGER NOT NULL, cmd_id INTEGER NOT NULL, url TEXT
);
CREATE TABLE boot (
    op_id INTEGER NOT NULL REFERENCES exec_in, phase TEXT NOT NULL, boot_id INTEGER NOT NULL,
    PRIMARY KEY (op_id, phase, boot_id)
);
CREATE TABLE attempt (
    op_id INTEGER NOT NULL REFERENCES exec_in, phase TEXT NOT NULL, n INTEGER NOT NULL,
    boot_id INTEGER NOT NULL, cause TEXT, result INTEGER, temporary INTEGER,
    PRIMARY KEY (op_id, phase, n)
);
CREATE TABLE ckpt (
    op_id INTEGER PRIMARY KEY REFERENCES exec_in, length INTEGER NOT NULL, etag TEXT, total INTEGER
);
CREATE TABLE held (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    package_id TEXT NOT NULL, length INTEGER NOT NULL, sha256 TEXT NOT NULL,
    source INTEGER, manifest BLOB, after_op_id INTEGER NOT NULL
);
CREATE TABLE apply_intent (
    op_id INTEGER PRIMARY KEY REFERENCES exec_in,
    token TEXT NOT NULL, slot TEXT NOT NULL, from_version TEXT NOT NULL, to_version TEXT NOT NULL,
    sha256 TEXT NOT NULL, length INTEGER NOT NULL, boot_id INTEGER NOT NULL,
    security_counter INTEGER NOT NULL
);
CREATE TABLE outcome (
    op_id INTEGER PRIMARY KEY REFERENCES exec_in, result INTEGER NOT NULL, reached TEXT NOT NULL
);
CREATE TABLE outbox (
    op_id INTEGER PRIMARY KEY REFERENCES outcome,
    type TEXT NOT NULL, source TEXT NOT NULL, mark TEXT NOT NULL, correlator TEXT,
    refusals INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE closed (op_id INTEGER PRIMARY KEY, clean_up_owed INTEGER NOT NULL);
CREATE TABLE leaf (address TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


def _forbid(name: str, event: str, when: str, why: str) -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {event} WHEN {when}\n"
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END;\n"
    )


_SEALED = "EXISTS (SELECT 1 FROM outcome WHERE op_id = NEW.op_id)"
_OPEN = "NOT EXISTS (SELECT 1 FROM closed WHERE op_id = OLD.op_id)"
_LATER = "SELECT 1 FROM attempt WHERE op_id = NEW.op_id AND phase = NEW.phase AND n >= NEW.n"
_SAME_ATTEMPT = (
    "NEW.op_id = OLD.op_id AND NEW.phase = OLD.phase AND NEW.n = OLD.n"
    " AND NEW.boot_id = OLD.boot_id"
)
_SAME_ALERT = (
    "NEW.op_id = OLD.op_id AND NEW.type = OLD.type AND NEW.source = OLD.source"
    " AND NEW.mark = OLD.mark AND NEW.correlator IS OLD.correlator"
    " AND NEW.refusals >= OLD.refusals"
)
_SAME_WORD = (
    "NEW.op_id = OLD.op_id AND NEW.stage = OLD.stage AND NEW.waited_s >= OLD.waited_s"
    " AND NEW.deferrals >= OLD.deferrals"
    " AND (OLD.word IS NULL OR NEW.word IS OLD.word OR NEW.word IS 'no')"
)

TRIGGERS = "".join(
    (
        # FUMO 6.2: after the alert, thus after the seal, only the server may start again.
        *(
            _forbid(f"sealed_{table}", f"INSERT ON {table}", _SEALED, f"sealed: no {table} more")
            for table in ("attempt", "ckpt", "apply_intent")
        ),
        _forbid("outcome_stands", "UPDATE ON outcome", "1", "an outcome never changes"),
        _forbid("alert_stands", "UPDATE ON outbox", f"NOT ({_SAME_ALERT})", "an alert stands"),
        *(
            _forbid(f"{table}_kept", f"DELETE ON {table}", _OPEN, f"not closed: {table} is kept")
            for table in ("outcome", "outbox", "attempt", "exec_in")
        ),
        _forbid("attempt_counts_up", "INSERT ON attempt", f"EXISTS ({_LATER})", "n only grows"),
        _forbid("attempt_stands", "UPDATE ON attempt", f"NOT ({_SAME_ATTEMPT})", "n never changes"),
        _forbid(
            "closed_after_seal",
            "INSERT ON closed",
            "NOT EXISTS (SELECT 1 FROM outcome WHERE op_id = NEW.op_id)",
            "closed before it was sealed",
        ),
        _forbid(
            "op_id_once",
            "INSERT ON exec_in",
            "NEW.op_id <= (SELECT last_op_id FROM ids)",
            "an operation number comes once",
        ),
        "CREATE TRIGGER op_id_counts AFTER INSERT ON exec_in\n"
        "BEGIN UPDATE ids SET last_op_id = NEW.op_id; END;\n",
    )
)

ACCOUNTS = """
CREATE TABLE notified (n INTEGER PRIMARY KEY, session_id INTEGER NOT NULL);
CREATE TABLE account (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    server_id TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL, scheme TEXT NOT NULL,
    user TEXT NOT NULL, secret TEXT NOT NULL, server_name TEXT NOT NULL, server_secret TEXT NOT NULL
);
CREATE TABLE pin_tries (
    n INTEGER PRIMARY KEY, document BLOB NOT NULL UNIQUE, used INTEGER NOT NULL
);
"""

NODES = """
CREATE TABLE node (
    address TEXT PRIMARY KEY, format TEXT, type TEXT, text TEXT, octets TEXT, title TEXT, acl TEXT
);
INSERT INTO node (address, text) SELECT address, value FROM leaf WHERE instr(address, '/Ext/') = 0;
INSERT INTO node (address, format, type, text, octets, title, acl)
    SELECT address, json_extract(value, '$.format'), json_extract(value, '$.type'),
           coalesce(json_extract(value, '$.text'), ''), json_extract(value, '$.octets'), '', ''
    FROM leaf WHERE instr(address, '/Ext/') > 0;
DROP TABLE leaf;
"""

OWNER = "ALTER TABLE ids ADD COLUMN owner TEXT;"

SERVED = "ALTER TABLE ids ADD COLUMN served TEXT;"

OBJECTS = """
CREATE TABLE held_of (
    object_uri TEXT PRIMARY KEY,
    package_id TEXT NOT NULL, length INTEGER NOT NULL, sha256 TEXT NOT NULL,
    source INTEGER, manifest BLOB, after_op_id INTEGER NOT NULL
);
INSERT INTO held_of
    SELECT coalesce(
               (SELECT object_uri FROM exec_in ORDER BY op_id DESC LIMIT 1), './FwUpdate/Primary'
           ),
           package_id, length, sha256, source, manifest, after_op_id
    FROM held;
DROP TABLE held;
ALTER TABLE held_of RENAME TO held;

ALTER TABLE exec_in ADD COLUMN cmd;
UPDATE exec_in SET cmd = cmd_id;
ALTER TABLE exec_in DROP COLUMN cmd_id;
ALTER TABLE exec_in RENAME COLUMN cmd TO cmd_id;
"""
"""Several FUMO objects, each with what it holds; and a CmdID kept as it came, number or word."""

GATES = """
CREATE TABLE gate (
    op_id INTEGER NOT NULL REFERENCES exec_in, stage TEXT NOT NULL,
    waited_s REAL NOT NULL, deferrals INTEGER NOT NULL, deferred_to_s REAL NOT NULL,
    word TEXT, waiting INTEGER NOT NULL,
    PRIMARY KEY (op_id, stage)
);
""" + "".join(
    (
        _forbid("sealed_gate", "INSERT ON gate", _SEALED, "sealed: no gate more"),
        _forbid("sealed_gate_stands", "UPDATE ON gate", _SEALED, "sealed: no gate more"),
        _forbid("gate_counts_up", "UPDATE ON gate", f"NOT ({_SAME_WORD})", "nothing is unheard"),
    )
)
"""What an operation waited and heard at its gates."""

STEPS = (TABLES + TRIGGERS, ACCOUNTS, NODES, OWNER, SERVED, OBJECTS, GATES)
"""What makes a journal of version n one of version n + 1; a new one takes all of them."""

VERSION = len(STEPS)
