-- depends: 0101_read_model
-- Lists that were taken away as files: who, when, by which filter, and which cases stood in them. Not part of the read model.

CREATE TABLE export (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    official     text        NOT NULL,
    name         text        NOT NULL,
    post         text        NOT NULL,
    organisation text        NOT NULL,
    filter       jsonb       NOT NULL,   -- the address's arguments, checked; what was not asked for is not there
    cases        uuid[]      NOT NULL,   -- one for each row of the file
    exported_at  timestamptz NOT NULL
);
CREATE INDEX export_time ON export (exported_at DESC);

CREATE FUNCTION keep_exports() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of exports is not altered';
END $$;
CREATE TRIGGER keep_exports BEFORE UPDATE OR DELETE ON export FOR EACH ROW EXECUTE FUNCTION keep_exports();
