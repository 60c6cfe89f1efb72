-- depends: 0171_withdrawn
-- A report that is owed and could not be drawn: it lets those that come after it pass, and is tried again.
CREATE TABLE report_failure (
    kind            text        NOT NULL,
    first           date        NOT NULL,
    fault           text        NOT NULL,    -- what kind of fault; its words stand in the log alone
    attempts        integer     NOT NULL,
    failed_at       timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    PRIMARY KEY (kind, first),
    FOREIGN KEY (kind, first) REFERENCES report_period
);
