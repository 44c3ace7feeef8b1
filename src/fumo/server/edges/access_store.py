"""Users, their tokens, what they changed, and answers that are given again. Over one `Database`.

Nothing here gives a secret away: passwords are kept as argon2 hashes, tokens as SHA-256. A line of
the audit log stands in the transaction of the change that it tells of.
"""

from msgspec import Struct

from fumo.server.access import Role
from fumo.server.edges.database import Bulk, Database, Forbidden, Row

USERS = Bulk(
    "account",
    ("name", "role", "password", "created_at_s"),
    ("text", "text", "text", "double precision"),
)
TOKENS = Bulk(
    "token",
    ("id", "account", "label", "sha256", "created_at_s"),
    ("bigint", "text", "text", "text", "double precision"),
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
    """A token, without the token."""

    id: int
    user: str
    label: str
    created_at_s: float


class AuditRow(Struct, frozen=True):
    """One change: when, who, from where, what, of what."""

    id: int
    at_s: float
    who: str
    place: str
    action: str
    target: str


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

    def add_token(self, user: str, label: str, sha256: str, at_s: float) -> TokenRow:
        """The row of a new token."""
        number = self.db.numbers("token", 1)[0]
        self.db.put(TOKENS, [(number, user, label, sha256, at_s)])
        return TokenRow(number, user, label, at_s)

    def remove_token(self, token_id: int) -> bool:
        """False when there is none."""
        return self.db.run("DELETE FROM token WHERE id = ?1", token_id) > 0

    def tokens(self, before: int, limit: int) -> list[TokenRow]:
        """The newest first."""
        sql = """SELECT id, account, label, created_at_s FROM token
            WHERE id < ?1 ORDER BY id DESC LIMIT ?2"""
        return [TokenRow(*cells) for cells in self.db.rows(sql, before, limit)]

    def holder(self, sha256: str) -> tuple[str, Role] | None:
        """Whose token it is."""
        sql = """SELECT name, role FROM token JOIN account ON account.name = token.account
            WHERE sha256 = ?1"""
        found = self.db.rows(sql, sha256)
        return (found[0][0], Role(found[0][1])) if found else None

    def note(self, at_s: float, who: str, place: str, action: str, target: str) -> None:
        """A line of the audit log."""
        self.db.put(AUDIT, [(at_s, who, place, action, target)])

    def audit(self, before: int, limit: int) -> list[AuditRow]:
        """The newest first."""
        sql = """SELECT id, at_s, who, place, action, target FROM audit
            WHERE id < ?1 ORDER BY id DESC LIMIT ?2"""
        return [AuditRow(*cells) for cells in self.db.rows(sql, before, limit)]

    def answered(self, who: str, given: str, at_s: float) -> Row | None:
        """The request's SHA-256 and the answer to it; old ones are forgotten."""
        self.db.run("DELETE FROM answered WHERE at_s < ?1", at_s - KEPT_S)
        sql = "SELECT request_sha256, body FROM answered WHERE who = ?1 AND given = ?2"
        found = self.db.rows(sql, who, given)
        return found[0] if found else None

    def keep_answer(self, who: str, given: str, sha256: str, body: bytes, at_s: float) -> None:
        """An answer to be given again."""
        self.db.put(ANSWERED, [(who, given, sha256, body, at_s)])
