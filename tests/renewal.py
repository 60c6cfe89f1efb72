"""A database that one test after another uses: remembered as it was made, and made so again before each.

Emptying all tables takes as long as most tests do, for each is a file, and so does making a database. Here only tables that hold
something are looked at, rows go without triggers, and what the migrations and the first import filled comes back.
"""

import psycopg2

# Rows are compared as text, in no order. A table that is as it was costs one look.
_REMEMBER = """
CREATE SCHEMA remembered;
CREATE TABLE remembered.place (path text PRIMARY KEY, copy text, columns text);
CREATE TABLE remembered.counter (path text PRIMARY KEY, value bigint, called boolean);
CREATE FUNCTION remembered.remember() RETURNS void LANGUAGE plpgsql AS $$
DECLARE t record; filled boolean;
BEGIN
    FOR t IN
        SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS path, format('remembered.t%s', c.oid) AS copy,
            (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute a
             WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'remembered')
          AND c.relname !~ 'yoyo'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', t.path) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE %s AS TABLE %s', t.copy, t.path); END IF;
        INSERT INTO remembered.place VALUES (t.path, CASE WHEN filled THEN t.copy END, t.columns);
    END LOOP;
    FOR t IN SELECT format('%I.%I', schemaname, sequencename) AS path FROM pg_sequences LOOP
        EXECUTE format('INSERT INTO remembered.counter SELECT %L, last_value, is_called FROM %s', t.path, t.path);
    END LOOP;
END $$;
CREATE FUNCTION remembered.renew() RETURNS void LANGUAGE plpgsql AS $$
DECLARE t remembered.place; s remembered.counter; touched boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT * FROM remembered.place LOOP
        IF t.copy IS NULL THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', t.path) INTO touched;
        ELSE
            EXECUTE format(
                'SELECT (SELECT count(*) FROM %1$s) <> (SELECT count(*) FROM %2$s)'
                ' OR EXISTS (SELECT h::text FROM %1$s h EXCEPT ALL SELECT r::text FROM %2$s r)', t.path, t.copy) INTO touched;
        END IF;
        CONTINUE WHEN NOT touched;
        EXECUTE format('DELETE FROM %s', t.path);
        IF t.copy IS NOT NULL THEN
            EXECUTE format('INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM %3$s', t.path, t.columns, t.copy);
        END IF;
    END LOOP;
    FOR s IN SELECT * FROM remembered.counter LOOP
        PERFORM setval(s.path::regclass, s.value, s.called);
    END LOOP;
END $$;
SELECT remembered.remember()
"""


def remember(url: str) -> None:
    """Keep what the database at `url` (an owner's address) holds now; once for each database."""
    _run(url, _REMEMBER)


def renew(url: str) -> None:
    """Make the database as it was when it was remembered. Whoever writes to it meanwhile is waited for."""
    _run(url, "SELECT remembered.renew()")


def _run(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
