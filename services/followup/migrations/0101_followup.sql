-- Cases until they are closed, the tasks of asking their petitioners, the tries, the answers, the closings.

CREATE TABLE followed_case (
    id           uuid PRIMARY KEY,
    organisation text NOT NULL,                        -- whose instance registered it
    number       text NOT NULL,
    title        text NOT NULL,
    channel      text NOT NULL,
    identity     text NOT NULL,
    stage        text NOT NULL,
    open_round   integer                               -- the round that is being asked about
);
CREATE TRIGGER guard_stage BEFORE UPDATE ON followed_case FOR EACH ROW EXECUTE FUNCTION guard_stage('followed_case');

CREATE TABLE task (
    id           uuid        NOT NULL UNIQUE,
    case_id      uuid        NOT NULL REFERENCES followed_case DEFERRABLE INITIALLY DEFERRED,
    round        integer     NOT NULL CHECK (round >= 1),
    manner       text        NOT NULL,
    stage        text        NOT NULL,
    opened_at    timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    outcome      text        NOT NULL,
    answer       text        NOT NULL,                 -- what the petitioner was told
    concluded_by jsonb       NOT NULL,
    sampled      boolean     NOT NULL,
    settled_at   timestamptz,
    settled_by   jsonb,
    source       text CHECK (source IN ('petitioner', 'staff')),
    PRIMARY KEY (case_id, round),
    CHECK ((stage = 'open') = (settled_at IS NULL)),
    CHECK ((stage IN ('satisfied', 'not_satisfied')) = (source IS NOT NULL))
);
CREATE TRIGGER guard_stage BEFORE UPDATE ON task FOR EACH ROW EXECUTE FUNCTION guard_stage('task');
CREATE INDEX task_open ON task (due_at, id) WHERE stage = 'open';
CREATE INDEX task_settled ON task (settled_at, id) WHERE stage <> 'open';

CREATE FUNCTION keep_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION '% is never edited', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

-- One try of staff to reach the petitioner. The key comes with the form, so that sending it twice makes one try.
CREATE TABLE contact_try (
    id      uuid PRIMARY KEY,
    task_id uuid        NOT NULL REFERENCES task (id) DEFERRABLE INITIALLY DEFERRED,
    case_id uuid        NOT NULL,
    manner  text        NOT NULL,
    result  text        NOT NULL CHECK (result IN ('satisfied', 'not_satisfied', 'not_reached')),
    by      jsonb       NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX contact_try_task ON contact_try (task_id, at);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON contact_try FOR EACH ROW EXECUTE FUNCTION keep_record();

-- Petitioners' own answers; the key is the event's. At most one counts in each round.
CREATE TABLE answer (
    id          uuid PRIMARY KEY,
    case_id     uuid        NOT NULL,
    round       integer     NOT NULL,
    settled     boolean     NOT NULL,
    satisfied   boolean     NOT NULL,
    answered_at timestamptz NOT NULL,
    counted     boolean     NOT NULL
);
CREATE UNIQUE INDEX answer_counted ON answer (case_id, round) WHERE counted;
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON answer FOR EACH ROW EXECUTE FUNCTION keep_record();

CREATE TABLE closing (
    case_id     uuid PRIMARY KEY REFERENCES followed_case DEFERRABLE INITIALLY DEFERRED,
    reason      text        NOT NULL CHECK (reason IN ('satisfied', 'decision', 'withdrawn')),
    round       integer,
    by          jsonb,                                 -- null: the petitioner
    closed_at   timestamptz NOT NULL,
    archived_at timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON closing FOR EACH ROW EXECUTE FUNCTION keep_record();

-- Who must never see a case, complained of or recused; why is not known here.
CREATE TABLE case_barred (
    case_id       uuid PRIMARY KEY,
    organisations jsonb       NOT NULL,
    officials     jsonb       NOT NULL,
    barred_at     timestamptz NOT NULL
);

CREATE FUNCTION may_see(seen uuid, reader text, posts text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM case_barred b WHERE b.case_id = seen AND (b.officials ? reader OR b.organisations ?| posts)
    )
$$;
