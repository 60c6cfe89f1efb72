-- depends: 0101_followup
-- Policy's versions, who handled a case, notes and answers, what could not be reached, corrections, checks, closings by decision.

CREATE TABLE policy (
    id          text PRIMARY KEY,                      -- name and version, as yongxing/1
    document    jsonb       NOT NULL,
    recorded_at timestamptz NOT NULL
);
-- Which version new cases begin under, and since when; the latest row counts.
CREATE TABLE policy_in_force (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy text        NOT NULL REFERENCES policy,
    since  timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON policy FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON policy_in_force FOR EACH ROW EXECUTE FUNCTION keep_record();

ALTER TABLE followed_case
    ADD COLUMN policy             text REFERENCES policy,  -- the version that the case began under
    ADD COLUMN instructed_round   integer     NOT NULL DEFAULT 0,
    ADD COLUMN came_back          integer     NOT NULL DEFAULT 0,
    ADD COLUMN charge_proposed_at timestamptz,
    ADD COLUMN closings           integer     NOT NULL DEFAULT 0,
    ADD COLUMN closed_at          timestamptz,
    ADD COLUMN close_reason       text;

UPDATE followed_case c SET closings = 1, closed_at = x.closed_at, close_reason = x.reason FROM closing x WHERE x.case_id = c.id;
UPDATE followed_case c SET came_back = (SELECT count(*) FROM task t WHERE t.case_id = c.id AND t.stage = 'not_satisfied');

ALTER TABLE task
    ADD COLUMN contest_until timestamptz,
    ADD COLUMN contested_at  timestamptz,
    ADD COLUMN corrected_at  timestamptz,
    ADD COLUMN checked_at    timestamptz;

ALTER TABLE contact_try
    ADD COLUMN note     text    NOT NULL DEFAULT '' CHECK (length(note) <= 200),
    ADD COLUMN answers  jsonb   NOT NULL DEFAULT '{}',
    ADD COLUMN corrects boolean NOT NULL DEFAULT false;

-- At most one answer counts in each round; its corrections count after it.
ALTER TABLE answer
    ADD COLUMN medium   text    NOT NULL DEFAULT 'tracking_page',
    ADD COLUMN answers  jsonb   NOT NULL DEFAULT '{}',
    ADD COLUMN corrects boolean NOT NULL DEFAULT false;
DROP INDEX answer_counted;
CREATE UNIQUE INDEX answer_counted ON answer (case_id, round) WHERE counted AND NOT corrects;

-- A closed case may go on, and be closed again.
ALTER TABLE closing
    ADD COLUMN number    integer NOT NULL DEFAULT 1,
    ADD COLUMN authority text,
    ADD COLUMN reasons   text,
    ADD CHECK ((reason = 'decision') = (reasons IS NOT NULL AND authority IS NOT NULL)) NOT VALID,
    DROP CONSTRAINT closing_pkey,
    ADD PRIMARY KEY (case_id, number);

-- What the supervision office found when it asked again.
CREATE TABLE answer_check (
    id       uuid PRIMARY KEY,                         -- comes with the form
    task_id  uuid        NOT NULL REFERENCES task (id) DEFERRABLE INITIALLY DEFERRED,
    case_id  uuid        NOT NULL,
    manner   text        NOT NULL,
    recorded text        NOT NULL,
    found    text        NOT NULL,
    differs  boolean     NOT NULL,
    note     text        NOT NULL CHECK (length(note) <= 200),
    by       jsonb       NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX answer_check_task ON answer_check (task_id);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON answer_check FOR EACH ROW EXECUTE FUNCTION keep_record();

-- That a petitioner contested, or asked for the case to go on; one that came too late is kept, and changes nothing.
CREATE TABLE reopen_request (
    id      uuid PRIMARY KEY,                          -- the event's
    case_id uuid        NOT NULL,
    round   integer     NOT NULL,
    ground  text        NOT NULL CHECK (ground IN ('contested', 'reopen')),
    at      timestamptz NOT NULL,
    granted boolean     NOT NULL
);
CREATE INDEX reopen_request_case ON reopen_request (case_id);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON reopen_request FOR EACH ROW EXECUTE FUNCTION keep_record();

-- Who was responsible for a case: never records nor sees what its petitioner answered; nor does anybody of his unit.
CREATE TABLE handling (
    assignment_id uuid NOT NULL,
    official      text NOT NULL,
    case_id       uuid NOT NULL,
    organisation  text NOT NULL,
    PRIMARY KEY (assignment_id, official)
);
CREATE INDEX handling_case ON handling (case_id);

CREATE FUNCTION has_handled(seen uuid, reader text, posts text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM handling h JOIN followed_case c ON c.id = h.case_id
        WHERE h.case_id = seen
          -- In the county's own organisation leaders and staff stand side by side: there the person alone keeps out.
          AND (h.official = reader OR (h.organisation <> c.organisation AND h.organisation = ANY (posts)))
    )
$$;
