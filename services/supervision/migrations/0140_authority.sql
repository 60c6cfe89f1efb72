-- depends: 0103_issue
-- Time that was given by authority: the one extension of a case, and pauses; and the right to object, which lapses.
ALTER TABLE supervised_case
    ADD COLUMN extension   uuid,                                   -- the one that was granted, ever
    ADD COLUMN extended_by integer  NOT NULL DEFAULT 0,            -- days, of the clock that runs now
    ADD COLUMN stood_still interval NOT NULL DEFAULT '0',          -- of that clock, by pauses that are over
    ADD COLUMN pause       uuid,                                   -- the one for which it stands still now
    ADD COLUMN paused_at   timestamptz,
    ADD COLUMN pauses_over jsonb    NOT NULL DEFAULT '[]',
    ADD CHECK ((pause IS NULL) = (paused_at IS NULL));

ALTER TABLE known_assignment ADD COLUMN parent uuid;               -- the assignment that it is a part of

ALTER TABLE deadline
    ADD COLUMN moved_by interval NOT NULL DEFAULT '0',             -- by extension and pauses, of what `rule` gave
    DROP CONSTRAINT deadline_obligation_check,
    ADD CONSTRAINT deadline_obligation_check CHECK (obligation IN ('receive', 'objection', 'progress', 'reply', 'conclude'));

-- A limit is moved by what it says that it was moved by, and by nothing else.
CREATE FUNCTION keep_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the limit of deadline % does not move without authority', OLD.id;
END $$;
CREATE TRIGGER keep_due BEFORE UPDATE ON deadline
    FOR EACH ROW WHEN (NEW.due_at - OLD.due_at IS DISTINCT FROM NEW.moved_by - OLD.moved_by) EXECUTE FUNCTION keep_due();

CREATE INDEX deadline_lapse ON deadline (due_at) WHERE obligation = 'objection' AND stage IN ('pending', 'approaching');
DROP INDEX deadline_owed;
CREATE INDEX deadline_owed ON deadline (due_at, id) WHERE stage IN ('pending', 'approaching', 'paused', 'missed') AND obligation <> 'objection';
