-- Who may look at a petition, who never may, and who did.
CREATE TABLE access (
    assignment_id uuid        PRIMARY KEY,
    case_id       uuid        NOT NULL,
    official      text        NOT NULL,
    organisation  text        NOT NULL,
    begun_at      timestamptz NOT NULL,
    ended_at      timestamptz
);
CREATE INDEX access_case ON access (case_id);

CREATE TABLE bar (
    case_id   uuid        NOT NULL,
    code      text        NOT NULL,     -- an official's id or an organisation's code; why is not kept
    barred_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, code)
);

CREATE TABLE look (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id      uuid        NOT NULL,
    number       text        NOT NULL,
    what         text        NOT NULL CHECK (what IN ('text', 'identity', 'mail')),
    purpose      text        NOT NULL,
    official     text        NOT NULL,
    name         text        NOT NULL,
    post         text        NOT NULL,
    organisation text        NOT NULL,
    looked_at    timestamptz NOT NULL
);
CREATE INDEX look_case ON look (case_id);
CREATE INDEX look_time ON look (looked_at DESC);

CREATE FUNCTION keep_looks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of looks is not altered';
END $$;
CREATE TRIGGER keep_looks BEFORE UPDATE OR DELETE ON look FOR EACH ROW EXECUTE FUNCTION keep_looks();
