-- depends: 0121_owed
-- Reports of the office's periods: frozen when a period has ended, issued by a named person. Not part of the read model.

-- A period is over and its report is owed.
CREATE TABLE report_period (
    kind   text        NOT NULL,         -- week, half_month, two_months
    first  date        NOT NULL,
    last   date        NOT NULL,
    number integer     NOT NULL,         -- within its year
    until  timestamptz NOT NULL,         -- midnight after its last day: nothing later is counted
    PRIMARY KEY (kind, first)
);

CREATE TABLE report (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text        NOT NULL,
    first       date        NOT NULL,
    edition     integer     NOT NULL,    -- 1, and one more each time that it is prepared anew
    place       bigint      NOT NULL,    -- the last row of the archive that was heard by then: received.id
    prepared_at timestamptz NOT NULL,
    prepared_by jsonb,                   -- null: the end of the period prepared it
    reasons     text,                    -- why it was prepared anew
    corrects    bigint REFERENCES report,   -- the issued one that it corrects
    data        bytea       NOT NULL,    -- what is frozen, as JSON in one spelling
    digest      text        NOT NULL,    -- its SHA-256
    UNIQUE (kind, first, edition),
    FOREIGN KEY (kind, first) REFERENCES report_period
);

-- That it was issued: by whom, under which number, and the SHA-256 of its text.
CREATE TABLE report_issue (
    report    bigint PRIMARY KEY REFERENCES report,
    kind      text        NOT NULL,
    year      integer     NOT NULL,
    serial    integer     NOT NULL,
    number    text        NOT NULL UNIQUE,
    by        jsonb       NOT NULL,
    issued_at timestamptz NOT NULL,
    digest    text        NOT NULL,
    UNIQUE (kind, year, serial)
);

CREATE FUNCTION keep_reports() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was reported is not altered';
END $$;
CREATE TRIGGER keep_reports BEFORE UPDATE OR DELETE ON report FOR EACH ROW EXECUTE FUNCTION keep_reports();
CREATE TRIGGER keep_report_issues BEFORE UPDATE OR DELETE ON report_issue FOR EACH ROW EXECUTE FUNCTION keep_reports();

-- What came after a cut-off, and what organisations were called then.
CREATE INDEX received_time ON received USING brin (occurred_at);
CREATE INDEX received_organisation ON received (subject, id) WHERE name = 'directory.organisation_recorded';
