"""A large fleet for stories and measurements, made by the database in a few statements."""

from fumo.server.edges.database import Database, lengthy

FILTER = 'model == "X200" and tag != frozen'
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})"
    " SELECT i, printf('IMEI:%015d', i) AS who FROM n",
    "postgresql": "SELECT i, 'IMEI:' || lpad(CAST(i AS text), 15, '0') AS who"
    " FROM generate_series(1, {many}) AS n(i)",
}


def fill(db: Database, name: str, devices: int) -> None:
    """A fleet of three models, some of it tagged."""
    numbers = NUMBERS[name].format(many=devices)
    for sql in (
        f"""INSERT INTO device (id, "user", secret, server_secret, profile, version, nonces, info,
            objects) SELECT who, who, 'a', 'b', 'standard', 0, '{{}}', '{{}}', '[]'
            FROM ({numbers}) AS one""",
        f"""INSERT INTO attribute (device_id, name, value, rank)
            SELECT who, 'info.Mod', 'X200', 'X03200' FROM ({numbers}) AS one""",
        f"""INSERT INTO attribute (device_id, name, value, rank)
            SELECT who, 'tag', 'lab', 'lab' FROM ({numbers}) AS one WHERE i % 100 = 0""",
    ):
        db.run(lengthy(sql))
    known(db, name)


def known(db: Database, name: str) -> None:
    """PostgreSQL counts by itself what its plans are made by; SQLite never does."""
    if name == "postgresql":
        db.run("ANALYZE")
