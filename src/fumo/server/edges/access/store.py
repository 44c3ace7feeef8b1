"""Users, their tokens, what they changed, and answers that are given again. Over one `Database`.

Nothing here gives a secret away: passwords are kept as argon2 hashes, tokens as SHA-256. A line of
the audit log stands in the transaction of the change that it tells of.
"""

from msgspec import Struct
from msgspec.structs import replace

from fumo.server.access import SESSIONS_MAX, Role
from fumo.server.edges.database import Bulk, Database, Forbidden, Row, Said

USERS = Bulk(
    "account",
    ("name", "role", "password", "created_at_s"),
    ("text", "text", "text", "double precision"),
)
TOKENS = Bulk(
    "token",
    ("id", "account", "label", "sha256", "role", "session", "created_at_s", "ends_at_s"),
    ("bigint", "text", "text", "text", "text", "bigint", "double precision", "double precision"),
)
AUDIT = Bulk(
    "audit",
    ("at_s", "who", "place", "action", "target"),
    ("double precision", "text", "text", "text", "text"),
)
ANSWERED = Bulk(
    "answered",
    ("who", "given", "request_sha256", "body", "at_s"),
    ("text", "text", "text", "bytea", "double precision"),
)
KEPT_S = 24 * 3600.0
"""How long an answer is given again."""


class UserRow(Struct, frozen=True):
    """A user, without the password."""

    name: str
    role: Role
    created_at_s: float


class TokenRow(Struct, frozen=True):
    """A token, without the token. `role` is its own, and may be smaller than its user's.

    `session`: a password bought it, and its end comes soon.
    """

    id: int
    user: str
    label: str
    role: Role
    session: bool
    created_at_s: float
    ends_at_s: float | None = None


class AuditRow(Struct, frozen=True):
    """One change: when, who, from where, what, of what."""

    id: int
    at_s: float
    who: str
    place: str
    action: str
    target: str


ONE = "SELECT name, role, created_at_s FROM account WHERE name = ?1"
LOCKED = Said(ONE, f"{ONE} FOR NO KEY UPDATE")
HOLDER = """SELECT name, account.role, token.role, id FROM token
    JOIN account ON account.name = token.account
    WHERE sha256 = ?1 AND (ends_at_s IS NULL OR ends_at_s > ?2)"""
ENDED = """DELETE FROM token WHERE account = ?1 AND session = 1 AND id NOT IN
    (SELECT id FROM token WHERE account = ?1 AND session = 1 ORDER BY id DESC LIMIT ?2)"""
TOKEN = """SELECT id, account, label, role, session, created_at_s, ends_at_s FROM token """


def _token(cells: Row) -> TokenRow:
    number, user, label, role, session, at_s, ends_at_s = cells
    return TokenRow(number, user, label, Role(role), bool(session), at_s, ends_at_s)


class AccessStore(Struct, frozen=True):
    """Each change belongs into a transaction of its caller's."""

    db: Database

    def add_user(self, name: str, role: Role, password: str | None, at_s: float) -> bool:
        """False when there is one of this name. `password` is a hash."""
        try:
            self.db.put(USERS, [(name, role.value, password, at_s)])
        except Forbidden:
            return False
        return True

    def remove_user(self, name: str) -> bool:
        """With all tokens; False when there is none."""
        self.db.run("DELETE FROM token WHERE account = ?1", name)
        return self.db.run("DELETE FROM account WHERE name = ?1", name) > 0

    def users(self, after: str, limit: int) -> list[UserRow]:
        """By name."""
        sql = """SELECT name, role, created_at_s FROM account
            WHERE name > ?1 ORDER BY name LIMIT ?2"""
        found = self.db.rows(sql, after, limit)
        return [UserRow(name, Role(role), at_s) for name, role, at_s in found]

    def user(self, name: str) -> tuple[Role, str | None] | None:
        """The role and the password's hash."""
        found = self.db.rows("SELECT role, password FROM account WHERE name = ?1", name)
        return (Role(found[0][0]), found[0][1]) if found else None

    def user_row(self, name: str, locked: bool = False) -> UserRow | None:
        """A user; `locked` until this transaction ends."""
        found = self.db.rows(LOCKED if locked else ONE, name)
        return UserRow(found[0][0], Role(found[0][1]), found[0][2]) if found else None

    def change_user(self, name: str, role: Role, password: str | None) -> None:
        """Another role, or another password: what it bought before is worth nothing then."""
        self.db.run("UPDATE account SET role = ?2 WHERE name = ?1", name, role.value)
        if password is not None:
            self.db.run("UPDATE account SET password = ?2 WHERE name = ?1", name, password)
            self.db.run("DELETE FROM token WHERE account = ?1 AND session = 1", name)
            self.db.run("DELETE FROM visit WHERE account = ?1", name)

    def add_token(self, token: TokenRow, sha256: str) -> TokenRow:
        """It, with its number. Those of this user that have ended go."""
        ended = "DELETE FROM token WHERE account = ?1 AND ends_at_s < ?2"
        self.db.run(ended, token.user, token.created_at_s)
        if token.session:
            self.db.run(ENDED, token.user, SESSIONS_MAX - 1)
        token = replace(token, id=self.db.numbers("token", 1)[0])
        role, session = token.role.value, int(token.session)
        cells = (token.id, token.user, token.label, sha256, role, session)
        self.db.put(TOKENS, [(*cells, token.created_at_s, token.ends_at_s)])
        return token

    def remove_token(self, token_id: int) -> bool:
        """False when there is none."""
        return self.db.run("DELETE FROM token WHERE id = ?1", token_id) > 0

    def tokens(self, before: int, limit: int) -> list[TokenRow]:
        """The newest first."""
        sql = f"{TOKEN}WHERE id < ?1 ORDER BY id DESC LIMIT ?2"
        return [_token(cells) for cells in self.db.rows(sql, before, limit)]

    def token(self, token_id: int) -> TokenRow | None:
        """One token."""
        found = self.db.rows(f"{TOKEN}WHERE id = ?1", token_id)
        return _token(found[0]) if found else None

    def holder(self, sha256: str, at_s: float) -> tuple[str, Role, int] | None:
        """Whose token it is, what it may do, and its number."""
        found = self.db.rows(HOLDER, sha256, at_s)
        if not found:
            return None
        [(name, users, own, number)] = found
        return name, Role(own).at_most(Role(users)), number

    def note(self, at_s: float, who: str, place: str, action: str, target: str) -> None:
        """A line of the audit log."""
        self.db.put(AUDIT, [(at_s, who, place, action, target)])

    def answered(self, who: str, given: str, at_s: float) -> Row | None:
        """The request's SHA-256 and the answer to it; old ones are forgotten."""
        self.db.run("DELETE FROM answered WHERE at_s < ?1", at_s - KEPT_S)
        sql = "SELECT request_sha256, body FROM answered WHERE who = ?1 AND given = ?2"
        found = self.db.rows(sql, who, given)
        return found[0] if found else None

    def keep_answer(self, who: str, given: str, sha256: str, body: bytes, at_s: float) -> None:
        """An answer to be given again."""
        self.db.put(ANSWERED, [(who, given, sha256, body, at_s)])
