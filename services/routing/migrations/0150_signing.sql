-- depends: 0103_sign_in_places
-- Keys that officials sign replies with, what a reply may carry beside its words, and drafts.

-- Public halves, this instance's and those that instances below told of. Kept for ever: old signatures are held against them.
CREATE TABLE signing_key (
    key_id   uuid PRIMARY KEY,
    official text        NOT NULL,
    instance text        NOT NULL,   -- which instance told of it: a reply from another one is not signed with it
    alg      text        NOT NULL,
    public   text        NOT NULL,   -- base64
    begins   timestamptz NOT NULL,
    ends     timestamptz,
    reason   text
);
CREATE INDEX signing_key_official ON signing_key (official, begins);
CREATE UNIQUE INDEX signing_key_one_in_force ON signing_key (official, instance) WHERE ends IS NULL;

CREATE FUNCTION keep_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.key_id, NEW.official, NEW.instance, NEW.alg, NEW.public, NEW.begins)
        IS DISTINCT FROM (OLD.key_id, OLD.official, OLD.instance, OLD.alg, OLD.public, OLD.begins)
        OR (OLD.ends IS NOT NULL AND (NEW.ends, NEW.reason) IS DISTINCT FROM (OLD.ends, OLD.reason)) THEN
        RAISE EXCEPTION 'a signing key is ended once and never edited';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_key BEFORE UPDATE OR DELETE ON signing_key FOR EACH ROW EXECUTE FUNCTION keep_key();

-- Private halves of keys in force, each sealed under its owner's PIN; gone when the key ends. Times are real time.
CREATE TABLE sealed_key (
    key_id     uuid PRIMARY KEY REFERENCES signing_key,
    official   text        NOT NULL UNIQUE,
    alg        text        NOT NULL,   -- how it is sealed, with its costs
    salt       bytea       NOT NULL,
    nonce      bytea       NOT NULL,
    sealed     bytea       NOT NULL,
    failures   integer     NOT NULL DEFAULT 0,
    not_before timestamptz
);

ALTER TABLE reply ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]', ADD COLUMN page jsonb;

-- Scanned signature pages as they were uploaded; a reply names the one that lay beside it when it was signed.
CREATE TABLE signature_page (
    id            uuid PRIMARY KEY,
    assignment_id uuid        NOT NULL REFERENCES assignment,
    official      text        NOT NULL,
    name          text        NOT NULL,
    form          text        NOT NULL CHECK (form IN ('png', 'jpeg', 'pdf')),
    sha256        text        NOT NULL,
    content       bytea       NOT NULL,
    uploaded_at   timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE ON signature_page FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE INDEX signature_page_assignment ON signature_page (assignment_id, sha256);

-- A reply as typed so far by the person responsible.
CREATE TABLE reply_draft (
    assignment_id uuid PRIMARY KEY REFERENCES assignment,
    official      text        NOT NULL,
    fields        jsonb       NOT NULL,
    saved_at      timestamptz NOT NULL
);
