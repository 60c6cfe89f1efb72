-- depends: 0111_confidential
-- How often every figure counts, day by day; and what of a case the figures count besides. Filled by `zhida reporting rebuild`.

ALTER TABLE case_row
    ADD COLUMN conclude_owed_by jsonb,                    -- whoever owed what the limit is about: the rates go by him
    ADD COLUMN reply_owed_by    jsonb,
    ADD COLUMN repeat_of        jsonb NOT NULL DEFAULT '[]';   -- the earlier cases that it repeats

-- What the petitioner said of a round in the end; of several words the last.
CREATE TABLE answer (
    case_id      uuid        NOT NULL,
    organisation text        NOT NULL,   -- which asked him
    round        integer     NOT NULL,
    result       text        NOT NULL,   -- satisfied, dissatisfied
    source       text        NOT NULL,   -- petitioner, staff
    answered_at  timestamptz NOT NULL,
    contested_at timestamptz,
    PRIMARY KEY (case_id, organisation, round)
);
CREATE INDEX answer_time ON answer (answered_at);

-- A cell counts marks under one value of one dimension, so that the table grows with days and not with cases.
CREATE TABLE tally (
    organisation text    NOT NULL,       -- whose cases
    dimension    text    NOT NULL,       -- all, channel, category, place, unit, leader
    day          date    NOT NULL,       -- in Asia/Shanghai; 0001-01-01 for what stands now
    figure       text    NOT NULL,
    value        text    NOT NULL,       -- of the dimension; '' where nothing is known
    done         date    NOT NULL,       -- for a limit: when what was owed was done; 9999-12-31: not
    n            integer NOT NULL,
    PRIMARY KEY (organisation, dimension, day, figure, value, done)
) WITH (fillfactor = 50);                -- its rows are changed in place, many times a day

-- What was added and taken away again is not kept as nothing.
CREATE FUNCTION drop_empty_cells() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tally t USING changed c
    WHERE c.n = 0 AND t.n = 0 AND (t.organisation, t.dimension, t.day, t.figure, t.value, t.done)
                      = (c.organisation, c.dimension, c.day, c.figure, c.value, c.done);
    RETURN NULL;
END $$;
CREATE TRIGGER drop_added AFTER INSERT ON tally REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION drop_empty_cells();
CREATE TRIGGER drop_emptied AFTER UPDATE ON tally REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION drop_empty_cells();

-- The percentiles of what was done go by the day of registration, which has its index; the lists behind figures by these.
CREATE INDEX case_row_replied ON case_row (organisation, replied_at) WHERE replied_at IS NOT NULL;
CREATE INDEX case_row_concluded ON case_row (organisation, concluded_at) WHERE concluded_at IS NOT NULL;
CREATE INDEX case_row_closed ON case_row (organisation, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX case_row_accepted ON case_row (organisation, accepted_at) WHERE accepted_at IS NOT NULL;
CREATE INDEX case_row_repeats ON case_row (organisation) WHERE repeat_of <> '[]';
CREATE INDEX case_bar_officials ON case_bar USING gin (officials);
CREATE INDEX case_bar_organisations ON case_bar USING gin (organisations);
