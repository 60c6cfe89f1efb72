-- depends: 0140_authority
-- Charge (包案): who carries a case until it is over, and what he does for its five duties.
CREATE TABLE charge (
    id          uuid PRIMARY KEY,
    case_id     uuid        NOT NULL REFERENCES supervised_case DEFERRABLE INITIALLY DEFERRED,
    leader      jsonb       NOT NULL,
    official    text        NOT NULL,                -- the leader's; for lists
    ground      text        NOT NULL,
    taken_at    timestamptz NOT NULL,
    taken_by    jsonb       NOT NULL,                -- he himself, or who decided it
    told        uuid        NOT NULL,                -- the event charge.taken
    duties_by   timestamptz,                         -- null: the county sets no limit
    lapsed_at   timestamptz,                         -- when it was found which duties had no evidence by then
    ended_at    timestamptz,
    ended_for   text,
    ended_by    jsonb,
    ended_words text,
    after       uuid REFERENCES charge DEFERRABLE INITIALLY DEFERRED,
    CHECK ((ended_at IS NULL) = (ended_for IS NULL)),
    CHECK (ended_at >= taken_at)
);
CREATE UNIQUE INDEX charge_running ON charge (case_id) WHERE ended_at IS NULL;
CREATE INDEX charge_case ON charge (case_id, taken_at);
CREATE INDEX charge_official ON charge (official);
CREATE INDEX charge_duties ON charge (duties_by) WHERE ended_at IS NULL AND lapsed_at IS NULL;

ALTER TABLE supervised_case ADD COLUMN charge uuid REFERENCES charge DEFERRABLE INITIALLY DEFERRED;

-- What was taken on is not taken on by somebody else afterwards, and what is over stays over.
CREATE FUNCTION keep_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR (NEW.case_id, NEW.official, NEW.taken_at, NEW.told)
        IS DISTINCT FROM (OLD.case_id, OLD.official, OLD.taken_at, OLD.told) THEN
        RAISE EXCEPTION 'charge % is on record as it is', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_charge BEFORE UPDATE OR DELETE ON charge FOR EACH ROW EXECUTE FUNCTION keep_charge();

CREATE TABLE charge_proposal (
    id             uuid PRIMARY KEY,
    case_id        uuid        NOT NULL,
    reason         text        NOT NULL,
    words          text,
    by             jsonb,                            -- null: the system, by the policy's ladder
    at             timestamptz NOT NULL,
    decision       text CHECK (decision IN ('taken', 'declined', 'over')),
    decided_by     jsonb,
    decided_at     timestamptz,
    decision_words text,
    CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX charge_proposal_open ON charge_proposal (case_id) WHERE decision IS NULL;

-- Evidence for a duty. Never who the petitioner is.
CREATE TABLE duty (
    id        uuid PRIMARY KEY,
    charge_id uuid        NOT NULL REFERENCES charge DEFERRABLE INITIALLY DEFERRED,
    case_id   uuid        NOT NULL,
    duty      text        NOT NULL CHECK (duty IN ('situation', 'resolution', 'ending', 'support', 'reception')),
    form      text        NOT NULL,
    words     text        NOT NULL,
    place     text        NOT NULL,
    done_on   date        NOT NULL,
    by        jsonb       NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX duty_charge ON duty (charge_id, done_on);

CREATE FUNCTION keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is not altered: record what else was done';
END $$;
CREATE TRIGGER keep_evidence BEFORE UPDATE OR DELETE ON duty FOR EACH ROW EXECUTE FUNCTION keep_evidence();
