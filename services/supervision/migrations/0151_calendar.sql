-- depends: 0150_follow_up
-- Each change of the working calendar: who, why, which days, what they were before. `calendar_day` is what they come to.
CREATE TABLE calendar_change (
    id         uuid PRIMARY KEY,                          -- comes with the form: sent twice, it is made once
    number     bigint GENERATED ALWAYS AS IDENTITY,       -- the order in which they were made
    changed_at timestamptz NOT NULL,
    changed_by jsonb       NOT NULL,
    reason     text        NOT NULL,
    entries    jsonb       NOT NULL,                      -- {day, mark, name, was, was_name} each
    was_last   date        NOT NULL,                      -- how far the calendar reached before
    last       date        NOT NULL CHECK (last >= was_last),
    CHECK (last > was_last OR jsonb_array_length(entries) > 0)
);
CREATE FUNCTION keep_calendar_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a change of the calendar is not altered: make another one';
END $$;
CREATE TRIGGER keep_calendar_change BEFORE UPDATE OR DELETE ON calendar_change
    FOR EACH ROW EXECUTE FUNCTION keep_calendar_change();

ALTER TABLE deadline ADD COLUMN recounted interval NOT NULL DEFAULT '0';   -- by a decision, after the calendar had changed

-- A limit is moved by what it says that it was moved by, and by nothing else.
DROP TRIGGER keep_due ON deadline;
CREATE TRIGGER keep_due BEFORE UPDATE ON deadline FOR EACH ROW
    WHEN (NEW.due_at - OLD.due_at IS DISTINCT FROM NEW.moved_by - OLD.moved_by + NEW.recounted - OLD.recounted)
    EXECUTE FUNCTION keep_due();
