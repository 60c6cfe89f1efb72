"""What one test wrote, another never finds: a renewed database holds what it held when it was remembered, and nothing else."""

from typing import Any

import psycopg2

from deploy.dev.database import Database
from tests.renewal import remember, renew

MADE = """
CREATE TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, length int GENERATED ALWAYS AS (length(name)) STORED);
CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY, kept bigint REFERENCES kept);
INSERT INTO kept (name) VALUES ('甲'), ('乙丙');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never deleted'; END $$;
CREATE TRIGGER refuse BEFORE DELETE ON written FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def run(url: str, statement: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_a_renewed_database_is_as_it_was_remembered_rows_and_counters(database: Database) -> None:
    url = database.create("renewal")
    try:
        run(url, MADE)
        remember(url)
        for _ in range(2):
            run(
                url,
                "UPDATE kept SET name = '丁' WHERE id = 1; INSERT INTO kept (name) VALUES ('戊'); INSERT INTO written (kept) VALUES (3)",
            )
            renew(url)
            assert run(url, "SELECT id, name, length FROM kept ORDER BY id") == [(1, "甲", 1), (2, "乙丙", 2)]
            assert run(url, "SELECT * FROM written") == []
        assert run(url, "INSERT INTO kept (name) VALUES ('己') RETURNING id") == [(3,)]
        assert run(url, "INSERT INTO written (kept) VALUES (1) RETURNING id") == [(1,)]
    finally:
        database.drop("renewal")
