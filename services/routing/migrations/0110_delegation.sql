-- depends: 0131_referral
-- Who reads for the first-in-command while he is away, from when to when; and what a deputy read.
CREATE TABLE delegation (
    id        uuid PRIMARY KEY,
    head      jsonb       NOT NULL,
    deputy    jsonb       NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    reason    text        NOT NULL,
    made_at   timestamptz NOT NULL,
    ended_at  timestamptz,                  -- before its time
    CHECK (starts_at < ends_at)
);
CREATE INDEX delegation_ends ON delegation (ends_at);

-- A delegation is ended once; nothing else of it changes.
CREATE FUNCTION keep_delegation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - 'ended_at' <> to_jsonb(OLD) - 'ended_at' THEN
        RAISE EXCEPTION '% is never edited', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_delegation BEFORE UPDATE OR DELETE ON delegation FOR EACH ROW EXECUTE FUNCTION keep_delegation();

ALTER TABLE case_record ADD COLUMN read_by_deputy jsonb;      -- this round's reading, unless the first-in-command read too
ALTER TABLE case_record ADD COLUMN reviewed_by_deputy jsonb;  -- the first one, which is measured
ALTER TABLE instruction ADD COLUMN read_by_deputy jsonb;
