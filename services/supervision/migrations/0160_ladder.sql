-- depends: 0140_authority
-- The ladder of missed deadlines, accountability interviews, and the office's periods.

-- Not of the entity: a miss that no ladder was begun for yet. What had been missed before this was set up is taken up too,
-- where the policy that its case keeps has a ladder.
ALTER TABLE deadline ADD COLUMN laddered boolean NOT NULL DEFAULT false;
CREATE INDEX deadline_unladdered ON deadline (due_at) WHERE stage = 'missed' AND NOT laddered;
CREATE INDEX deadline_responsible ON deadline ((responsible ->> 'official')) WHERE stage IN ('pending', 'approaching', 'paused', 'missed');

CREATE TABLE ladder (
    id         uuid PRIMARY KEY REFERENCES deadline DEFERRABLE INITIALLY DEFERRED,
    case_id    uuid        NOT NULL,
    obligation text        NOT NULL,
    round      integer     NOT NULL,
    policy     text        NOT NULL REFERENCES policy,
    missed_due timestamptz NOT NULL,
    set_at     timestamptz NOT NULL,
    late_after integer     NOT NULL,
    urgent     boolean     NOT NULL,
    next_step  text,
    next_due   timestamptz,
    CHECK ((next_step IS NULL) = (next_due IS NULL))
);
CREATE INDEX ladder_by_itself ON ladder (next_due) WHERE next_step = 'reminder';
CREATE INDEX ladder_next ON ladder (next_step, next_due) WHERE next_step IS NOT NULL;
CREATE INDEX ladder_case ON ladder (case_id);

CREATE TABLE interview (
    id            uuid PRIMARY KEY,
    person        jsonb       NOT NULL,
    reasons       text        NOT NULL,
    called_by     jsonb       NOT NULL,
    called_at     timestamptz NOT NULL,
    stage         text        NOT NULL,
    place         text,
    meets_at      timestamptz,
    appointed_by  jsonb,
    held_at       timestamptz,
    attended      jsonb       NOT NULL,
    record        text,
    demands       text,
    until         date,
    recorded_by   jsonb,
    recorded_at   timestamptz,
    cancelled_by  jsonb,
    cancelled_at  timestamptz,
    cancelled_for text,
    CHECK (stage = 'called' OR stage = 'cancelled' OR (place IS NOT NULL AND meets_at IS NOT NULL)),
    CHECK ((stage = 'held') = (record IS NOT NULL AND held_at IS NOT NULL AND until IS NOT NULL)),
    CHECK ((stage = 'cancelled') = (cancelled_for IS NOT NULL))
);
CREATE TRIGGER guard_stage BEFORE UPDATE ON interview
    FOR EACH ROW WHEN (OLD.stage IS DISTINCT FROM NEW.stage) EXECUTE FUNCTION guard_stage('interview');
CREATE INDEX interview_person ON interview ((person ->> 'official'));

-- A step of the same kind is taken again for the same miss only after the one before was annulled: `attempt` counts those.
CREATE TABLE ladder_step (
    id           uuid PRIMARY KEY,
    deadline_id  uuid        NOT NULL REFERENCES ladder DEFERRABLE INITIALLY DEFERRED,
    case_id      uuid        NOT NULL,
    step         text        NOT NULL CHECK (step IN ('reminder', 'notice', 'interview', 'suggestion', 'circular', 'bundle')),
    attempt      integer     NOT NULL CHECK (attempt >= 0),
    due_at       timestamptz NOT NULL,
    taken_at     timestamptz NOT NULL,
    late         boolean     NOT NULL,
    responsible  jsonb       NOT NULL,
    by           jsonb,
    document     text        NOT NULL UNIQUE,
    reasons      text        NOT NULL,
    demand       text        NOT NULL,
    until        date,
    interview_id uuid REFERENCES interview DEFERRABLE INITIALLY DEFERRED,
    key          uuid,
    UNIQUE (deadline_id, step, attempt),
    CHECK ((step = 'reminder') = (by IS NULL)),
    CHECK ((step = 'interview') = (interview_id IS NOT NULL))
);
CREATE INDEX ladder_step_case ON ladder_step (case_id);
CREATE INDEX ladder_step_responsible ON ladder_step ((responsible ->> 'official'));
CREATE INDEX ladder_step_interview ON ladder_step (interview_id) WHERE interview_id IS NOT NULL;
CREATE INDEX ladder_step_key ON ladder_step (key) WHERE key IS NOT NULL;

CREATE TABLE ladder_annulment (
    id      uuid PRIMARY KEY REFERENCES ladder_step DEFERRABLE INITIALLY DEFERRED,   -- the step's
    case_id uuid        NOT NULL,
    reasons text        NOT NULL,
    by      jsonb       NOT NULL,
    at      timestamptz NOT NULL
);

-- What a superior's ladder sent to an official of this instance.
CREATE TABLE ladder_received (
    id          uuid PRIMARY KEY,                     -- the step's at the superior
    case_id     uuid        NOT NULL,
    issuer      text        NOT NULL,
    step        text        NOT NULL,
    obligation  text        NOT NULL,
    responsible jsonb       NOT NULL,
    by          jsonb,
    document    text        NOT NULL,
    demand      text        NOT NULL,
    until       date,
    taken_at    timestamptz NOT NULL,
    interview_id uuid,
    place       text,
    meets_at    timestamptz,
    ended_at    timestamptz                           -- annulled, or the interview was held or cancelled
);
CREATE INDEX ladder_received_interview ON ladder_received (interview_id) WHERE interview_id IS NOT NULL;
CREATE INDEX ladder_received_responsible ON ladder_received ((responsible ->> 'official'));

-- That whom a step was sent to has opened it; the first time counts.
CREATE TABLE ladder_seen (
    step_id  uuid        NOT NULL,
    official text        NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (step_id, official)
);

-- The last number of each kind of document in each year: without gap, for whoever takes one holds the row until he commits.
CREATE TABLE document_number (
    mark text    NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (mark, year)
);

CREATE TABLE period (
    kind     text        NOT NULL CHECK (kind IN ('week', 'half_month', 'two_months')),
    first    date        NOT NULL,
    last     date        NOT NULL CHECK (last >= first),
    number   integer     NOT NULL,
    until    timestamptz NOT NULL,
    ended_at timestamptz,
    late     boolean,
    PRIMARY KEY (kind, first),
    CHECK ((ended_at IS NULL) = (late IS NULL)),
    CHECK (ended_at >= until)
);
CREATE INDEX period_running ON period (until) WHERE ended_at IS NULL;

-- What was done stays on record as it was done.
CREATE FUNCTION keep_ladder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what the ladder has on record is never altered: annul the step';
END $$;
CREATE TRIGGER keep_step BEFORE UPDATE OR DELETE ON ladder_step FOR EACH ROW EXECUTE FUNCTION keep_ladder();
CREATE TRIGGER keep_annulment BEFORE UPDATE OR DELETE ON ladder_annulment FOR EACH ROW EXECUTE FUNCTION keep_ladder();
CREATE TRIGGER keep_interview BEFORE UPDATE ON interview
    FOR EACH ROW WHEN (OLD.stage IN ('held', 'cancelled')) EXECUTE FUNCTION keep_ladder();
CREATE TRIGGER keep_period BEFORE UPDATE ON period
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION keep_ladder();
