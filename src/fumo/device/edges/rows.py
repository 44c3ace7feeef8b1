"""Records as rows of the journal's tables, and back. Knows the SQL of each record, no transaction.

Every column is read by name and given its type here; nothing above sees a row.
"""

from collections.abc import Callable, Iterator
from sqlite3 import Connection
from typing import Any, TypeAlias

from fumo.codes import Kind
from fumo.errors import MisuseError
from fumo.update.operation import Alert, Attempt, Checkpoint, Failure, Held, Intent, Order, Phase
from fumo.update.records import (
    ApplyIntent,
    AttemptRow,
    Boot,
    CheckpointRow,
    Closed,
    ExecIn,
    Forgotten,
    HeldRow,
    Record,
    Refusal,
    Seal,
    TallyRow,
)
from fumo.update.tally import Stage, Tally, Word

NO_PACKAGE = ""  # in place of a package's id: it was taken away again
Values: TypeAlias = tuple[object, ...]


def write(db: Connection, object_uri: str, record: Record) -> None:
    """Make the record's row, or change it where the record may be saved again."""
    match record:
        case HeldRow():
            _write_held(db, object_uri, record)
        case ExecIn(order) if order.object_uri != object_uri:
            raise MisuseError(
                f"operation {order.op_id} is {order.object_uri}'s, not {object_uri}'s"
            )
        case _:
            WRITERS[type(record)](db, record)


def objects(db: Connection) -> tuple[str, ...]:
    """The addresses of the FUMO objects of which there are records."""
    known = db.execute("SELECT object_uri FROM exec_in UNION SELECT object_uri FROM held")
    return tuple(str(uri) for (uri,) in known)


def read(db: Connection, object_uri: str) -> Iterator[Record]:
    """All records of one object, in an order in which they could have been saved."""
    for reader in (
        _execs,
        _boots,
        _attempts,
        _checkpoints,
        _held,
        _intents,
        _tallies,
        _seals,
        _closed,
    ):
        yield from reader(db, object_uri)


THEIRS = "op_id IN (SELECT op_id FROM exec_in WHERE object_uri = ?)"
"""Of what is an operation's, that of the operations of one object."""


def _insert(db: Connection, table: str, *values: object) -> None:
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} VALUES ({marks})", values)


def _write_boot(db: Connection, record: Boot) -> None:
    _insert(db, "boot", record.op_id, record.phase, record.boot_id)


def _write_exec(db: Connection, record: ExecIn) -> None:
    order = record.order
    where = (order.op_id, order.server, order.object_uri, order.kind.value, order.correlator)
    db.execute(
        "INSERT INTO exec_in (op_id, server, object_uri, kind, correlator, session_id, msg_id,"
        " cmd_id, url) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*where, order.session_id, order.msg_id, order.cmd_id, order.url),
    )


def _write_attempt(db: Connection, record: AttemptRow) -> None:
    attempt, key = record.attempt, (record.op_id, record.attempt.phase.value, record.attempt.n)
    failure = _failure_values(attempt.failure)
    changed = db.execute(
        "UPDATE attempt SET cause = ?, result = ?, temporary = ?"
        " WHERE op_id = ? AND phase = ? AND n = ?",
        (*failure, *key),
    )
    if changed.rowcount == 0:
        _insert(db, "attempt", *key, attempt.boot_id, *failure)


def _failure_values(failure: Failure | None) -> Values:
    if failure is None:
        return None, None, None
    return failure.cause, failure.result, int(failure.temporary)


def _write_checkpoint(db: Connection, record: CheckpointRow) -> None:
    point = record.checkpoint
    if point is None:
        db.execute("DELETE FROM ckpt WHERE op_id = ?", (record.op_id,))
        return
    values = (point.length, point.etag, point.total)
    changed = db.execute(
        "UPDATE ckpt SET length = ?, etag = ?, total = ? WHERE op_id = ?", (*values, record.op_id)
    )
    if changed.rowcount == 0:
        _insert(db, "ckpt", record.op_id, *values)


def _write_held(db: Connection, object_uri: str, record: HeldRow) -> None:
    db.execute("DELETE FROM held WHERE object_uri = ?", (object_uri,))
    if (held := record.held) is not None:
        whole = (object_uri, held.package_id, held.length, held.sha256)
        _insert(db, "held", *whole, held.source, held.manifest, held.after_op_id)
    elif record.emptied_after:
        _insert(db, "held", object_uri, NO_PACKAGE, 0, "", None, None, record.emptied_after)


def _write_intent(db: Connection, record: ApplyIntent) -> None:
    intent = record.intent
    what = (intent.token, intent.slot, intent.from_version, intent.to_version)
    image = (intent.sha256, intent.length, intent.boot_id, intent.security_counter)
    _insert(db, "apply_intent", record.op_id, *what, *image)


def _write_tally(db: Connection, record: TallyRow) -> None:
    one = record.tally
    word = None if one.word is None else one.word.value
    counts = (one.waited_s, one.deferrals, one.deferred_to_s)
    db.execute(
        "INSERT INTO gate (op_id, stage, waited_s, deferrals, deferred_to_s, word, waiting)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (op_id, stage) DO UPDATE SET"
        " waited_s = excluded.waited_s, deferrals = excluded.deferrals,"
        " deferred_to_s = excluded.deferred_to_s, word = excluded.word, waiting = excluded.waiting",
        (record.op_id, one.stage.value, *counts, word, one.waiting),
    )


def _write_seal(db: Connection, record: Seal) -> None:
    alert = record.alert
    _insert(db, "outcome", record.op_id, alert.result, record.reached.value)
    told = (alert.type, alert.source, alert.mark, alert.correlator)
    _insert(db, "outbox", record.op_id, *told, 0)


def _write_refusal(db: Connection, record: Refusal) -> None:
    count = (record.refusals, record.op_id)
    db.execute("UPDATE outbox SET refusals = ? WHERE op_id = ?", count)


def _write_closed(db: Connection, record: Closed) -> None:
    owed = int(record.clean_up_owed)
    changed = db.execute(
        "UPDATE closed SET clean_up_owed = ? WHERE op_id = ?", (owed, record.op_id)
    )
    if changed.rowcount == 0:
        _insert(db, "closed", record.op_id, owed)


# The order matters: `closed` goes last, since only what is closed may be deleted.
FORGET = (
    "attempt",
    "boot",
    "ckpt",
    "apply_intent",
    "gate",
    "outbox",
    "outcome",
    "exec_in",
    "closed",
)


def _write_forgotten(db: Connection, record: Forgotten) -> None:
    for table in FORGET:
        db.execute(f"DELETE FROM {table} WHERE op_id = ?", (record.op_id,))


WRITERS: dict[type[Record], Callable[[Connection, Any], None]] = {
    Boot: _write_boot,
    ExecIn: _write_exec,
    AttemptRow: _write_attempt,
    CheckpointRow: _write_checkpoint,
    ApplyIntent: _write_intent,
    TallyRow: _write_tally,
    Seal: _write_seal,
    Refusal: _write_refusal,
    Closed: _write_closed,
    Forgotten: _write_forgotten,
}


def _execs(db: Connection, object_uri: str) -> Iterator[Record]:
    rows = db.execute(
        "SELECT op_id, server, object_uri, kind, correlator, session_id, msg_id, cmd_id, url"
        " FROM exec_in WHERE object_uri = ? ORDER BY op_id",
        (object_uri,),
    )
    for op_id, server, uri, kind, correlator, session_id, msg_id, cmd_id, url in rows:
        numbers = (str(session_id), int(msg_id), cmd_id)
        where = (int(op_id), str(server), str(uri), Kind(kind), _text(correlator))
        yield ExecIn(Order(*where, *numbers, _text(url)))


def _boots(db: Connection, object_uri: str) -> Iterator[Record]:
    rows = db.execute(
        f"SELECT op_id, phase, boot_id FROM boot WHERE {THEIRS} ORDER BY op_id, boot_id",
        (object_uri,),
    )
    for op_id, phase, boot_id in rows:
        yield Boot(int(op_id), str(phase), int(boot_id))


def _attempts(db: Connection, object_uri: str) -> Iterator[Record]:
    rows = db.execute(
        "SELECT op_id, phase, n, boot_id, cause, result, temporary FROM attempt"
        f" WHERE {THEIRS} ORDER BY rowid",
        (object_uri,),
    )
    for op_id, phase, n, boot_id, cause, result, temporary in rows:
        failure = None if cause is None else Failure(str(cause), int(result), bool(temporary))
        yield AttemptRow(int(op_id), Attempt(Phase(phase), int(n), int(boot_id), failure))


def _checkpoints(db: Connection, object_uri: str) -> Iterator[Record]:
    rows = db.execute(f"SELECT op_id, length, etag, total FROM ckpt WHERE {THEIRS}", (object_uri,))
    for op_id, length, etag, total in rows:
        point = Checkpoint(int(length), _text(etag), None if total is None else int(total))
        yield CheckpointRow(int(op_id), point)


def _held(db: Connection, object_uri: str) -> Iterator[Record]:
    for package_id, length, sha256, source, manifest, after_op_id in db.execute(
        "SELECT package_id, length, sha256, source, manifest, after_op_id FROM held"
        " WHERE object_uri = ?",
        (object_uri,),
    ):
        if package_id == NO_PACKAGE:
            yield HeldRow(None, int(after_op_id))
            continue
        origin = None if source is None else int(source)
        text = None if manifest is None else bytes(manifest)
        whole = (str(package_id), int(length), str(sha256))
        yield HeldRow(Held(*whole, origin, text, int(after_op_id)))


def _intents(db: Connection, object_uri: str) -> Iterator[Record]:
    rows = db.execute(
        "SELECT op_id, token, slot, from_version, to_version, sha256, length, boot_id,"
        f" security_counter FROM apply_intent WHERE {THEIRS} ORDER BY op_id",
        (object_uri,),
    )
    for op_id, token, slot, before, after, sha256, length, boot_id, counter in rows:
        image = (str(sha256), int(length), int(boot_id), int(counter))
        yield ApplyIntent(
            int(op_id), Intent(str(token), str(slot), str(before), str(after), *image)
        )


def _tallies(db: Connection, object_uri: str) -> Iterator[Record]:
    rows = db.execute(
        "SELECT op_id, stage, waited_s, deferrals, deferred_to_s, word, waiting FROM gate"
        f" WHERE {THEIRS} ORDER BY op_id",
        (object_uri,),
    )
    for op_id, stage, waited_s, deferrals, deferred_to_s, word, waiting in rows:
        counts = (float(waited_s), int(deferrals), float(deferred_to_s))
        said = None if word is None else Word(word)
        yield TallyRow(int(op_id), Tally(Stage(stage), *counts, said, bool(waiting)))


def _seals(db: Connection, object_uri: str) -> Iterator[Record]:
    rows = db.execute(
        "SELECT op_id, type, source, result, mark, correlator, refusals, reached"
        f" FROM outcome JOIN outbox USING (op_id) WHERE {THEIRS} ORDER BY op_id",
        (object_uri,),
    )
    for op_id, type_, source, result, mark, correlator, refusals, reached in rows:
        alert = Alert(str(type_), str(source), int(result), str(mark), _text(correlator))
        yield Seal(int(op_id), alert, Phase(reached))
        if refusals:
            yield Refusal(int(op_id), int(refusals))


def _closed(db: Connection, object_uri: str) -> Iterator[Record]:
    rows = db.execute(
        f"SELECT op_id, clean_up_owed FROM closed WHERE {THEIRS} ORDER BY op_id", (object_uri,)
    )
    for op_id, owed in rows:
        yield Closed(int(op_id), bool(owed))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
