-- Cases as supervision knows them, what is owed in them, and the policy's versions.

CREATE TABLE policy (
    id          text PRIMARY KEY,                        -- name and version, as yongxing/1
    document    jsonb       NOT NULL,
    recorded_at timestamptz NOT NULL
);

-- Which version new cases begin under, and since when; the latest row counts.
CREATE TABLE policy_in_force (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy  text        NOT NULL REFERENCES policy,
    since   timestamptz NOT NULL
);

CREATE FUNCTION keep_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of a policy is not altered: raise its version';
END $$;
CREATE TRIGGER keep_policy BEFORE UPDATE OR DELETE ON policy FOR EACH ROW EXECUTE FUNCTION keep_policy();
CREATE TRIGGER keep_policy BEFORE UPDATE OR DELETE ON policy_in_force FOR EACH ROW EXECUTE FUNCTION keep_policy();

-- The row is the case's lock: whoever changes what is owed in a case holds it.
CREATE TABLE supervised_case (
    id                  uuid PRIMARY KEY,
    number              text        NOT NULL,
    title               text        NOT NULL,
    case_class          text,
    policy              text REFERENCES policy,          -- the version that the case began under
    ours                boolean     NOT NULL,
    first_dispatched_at timestamptz,
    clock               text        NOT NULL,
    clock_began_at      timestamptz,
    conclude_by         timestamptz,
    responsible         jsonb,
    responsible_since   integer     NOT NULL,            -- round
    led                 boolean     NOT NULL,
    progressed_at       timestamptz,
    concluded_round     integer     NOT NULL,
    closed_at           timestamptz,
    owed                jsonb       NOT NULL             -- ids of its deadlines that are not over
);

CREATE TABLE known_assignment (
    id          uuid PRIMARY KEY,
    case_id     uuid    NOT NULL,
    round       integer NOT NULL,
    part        text    NOT NULL,
    responsible jsonb   NOT NULL
);

CREATE TABLE deadline (
    id            uuid PRIMARY KEY,
    case_id       uuid        NOT NULL REFERENCES supervised_case DEFERRABLE INITIALLY DEFERRED,
    obligation    text        NOT NULL CHECK (obligation IN ('receive', 'progress', 'reply', 'conclude')),
    round         integer     NOT NULL CHECK (round >= 1),
    assignment_id uuid,
    responsible   jsonb,
    organisation  text        NOT NULL,                  -- the responsible's unit; for lists
    policy        text        NOT NULL,
    rule          text        NOT NULL,
    started_at    timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    set_at        timestamptz NOT NULL,
    late_after    integer     NOT NULL,                  -- seconds
    warnings      jsonb       NOT NULL,                  -- shares of the time in percent
    stage         text        NOT NULL,
    warned        integer     NOT NULL,                  -- the highest share told of
    warn_at       timestamptz,                           -- when the next one has passed
    missed_at     timestamptz,                           -- when the miss was told; stays, whatever comes after
    ended_at      timestamptz,
    reason        text,
    CHECK ((stage IN ('met', 'met_late', 'withdrawn')) = (ended_at IS NOT NULL)),
    CHECK (stage <> 'met_late' OR missed_at IS NOT NULL),
    CHECK (stage <> 'missed' OR missed_at IS NOT NULL)
);
CREATE TRIGGER guard_stage BEFORE UPDATE ON deadline
    FOR EACH ROW WHEN (OLD.stage IS DISTINCT FROM NEW.stage) EXECUTE FUNCTION guard_stage('deadline');
CREATE INDEX deadline_due ON deadline (due_at) WHERE stage IN ('pending', 'approaching');
CREATE INDEX deadline_warn ON deadline (warn_at) WHERE stage IN ('pending', 'approaching') AND warn_at IS NOT NULL;
CREATE INDEX deadline_case ON deadline (case_id);
CREATE INDEX deadline_owed ON deadline (due_at, id) WHERE stage IN ('pending', 'approaching', 'missed');

-- A miss that was told is never taken back.
CREATE FUNCTION keep_miss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'deadline % was missed at %, which stays on record', OLD.id, OLD.missed_at;
END $$;
CREATE TRIGGER keep_miss BEFORE UPDATE ON deadline
    FOR EACH ROW WHEN (OLD.missed_at IS NOT NULL AND NEW.missed_at IS DISTINCT FROM OLD.missed_at) EXECUTE FUNCTION keep_miss();

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
