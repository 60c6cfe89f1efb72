-- depends: 0170_charge
-- The score book. `score_occasion` is what happened, once for each event and detail; entries follow from it by the rules.
CREATE TABLE score_occasion (
    cause       uuid        NOT NULL,                -- the event
    detail      text        NOT NULL,                -- which duty, level or obligation; empty where there is none
    kind        text        NOT NULL,
    case_id     uuid        NOT NULL REFERENCES supervised_case DEFERRABLE INITIALLY DEFERRED,
    at          timestamptz NOT NULL,
    responsible jsonb,
    carrier     jsonb,                               -- from here on as it stood at `at`, found when it was judged
    overdue     boolean     NOT NULL,
    policy      text,
    judged_at   timestamptz,
    PRIMARY KEY (cause, detail)
);
CREATE INDEX score_occasion_waiting ON score_occasion (at) WHERE judged_at IS NULL;

CREATE FUNCTION keep_occasion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.judged_at IS NOT NULL OR (NEW.kind, NEW.case_id, NEW.at, NEW.responsible)
        IS DISTINCT FROM (OLD.kind, OLD.case_id, OLD.at, OLD.responsible) THEN
        RAISE EXCEPTION 'what happened is not altered (occasion %)', OLD.cause;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_occasion BEFORE UPDATE OR DELETE ON score_occasion FOR EACH ROW EXECUTE FUNCTION keep_occasion();

CREATE TABLE score_entry (
    id          uuid PRIMARY KEY,                    -- derived from rule and cause, or from the entry and what corrects it
    case_id     uuid        NOT NULL,
    policy      text        NOT NULL,
    rule        text        NOT NULL,
    kind        text        NOT NULL,
    detail      text        NOT NULL,
    whom        text        NOT NULL CHECK (whom IN ('leader', 'unit')),
    code        text        NOT NULL,
    person      jsonb,
    points      integer     NOT NULL,
    cap         integer,
    cause       uuid        NOT NULL,
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    void        text,
    corrects    uuid REFERENCES score_entry DEFERRABLE INITIALLY DEFERRED,
    by          jsonb,
    reasons     text,
    CHECK ((whom = 'leader') = (person IS NOT NULL)),
    CHECK ((corrects IS NULL) = (by IS NULL)),
    CHECK (void IS NULL OR points = 0)
);
CREATE UNIQUE INDEX score_entry_once ON score_entry (rule, cause, detail) WHERE corrects IS NULL;
CREATE INDEX score_entry_code ON score_entry (code, at);
CREATE INDEX score_entry_corrects ON score_entry (corrects) WHERE corrects IS NOT NULL;
CREATE INDEX score_entry_cause ON score_entry (cause);

CREATE FUNCTION keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an entry of the score book is not altered: correct it by a further one';
END $$;
CREATE TRIGGER keep_entry BEFORE UPDATE OR DELETE ON score_entry FOR EACH ROW EXECUTE FUNCTION keep_entry();

CREATE TABLE score_objection (
    id             uuid PRIMARY KEY,
    entry_id       uuid        NOT NULL UNIQUE,
    case_id        uuid        NOT NULL,
    by             jsonb       NOT NULL,
    reasons        text        NOT NULL,
    at             timestamptz NOT NULL,
    decision       text CHECK (decision IN ('upheld', 'dismissed')),
    becomes        integer,
    decided_by     jsonb,
    decision_words text,
    decided_at     timestamptz,
    CHECK ((decision IS NULL) = (decided_at IS NULL)),
    CHECK ((decision = 'upheld') IS NOT TRUE OR becomes IS NOT NULL)
);
CREATE FUNCTION keep_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.decision IS NOT NULL OR NEW.reasons <> OLD.reasons THEN
        RAISE EXCEPTION 'objection % is on record as it is', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_decision BEFORE UPDATE OR DELETE ON score_objection FOR EACH ROW EXECUTE FUNCTION keep_decision();

-- Skip-level petitions (越级上访): what a case came to, and who says so; nothing of the petitioner.
CREATE TABLE skip_level (
    id           uuid PRIMARY KEY,
    case_id      uuid        NOT NULL,
    level        text        NOT NULL CHECK (level IN ('city', 'province', 'nation')),
    on_day       date        NOT NULL,
    source       text        NOT NULL,
    by           jsonb       NOT NULL,
    at           timestamptz NOT NULL,
    told         uuid        NOT NULL,
    annulled_at  timestamptz,
    annulled_by  jsonb,
    annulled_for text,
    CHECK ((annulled_at IS NULL) = (annulled_for IS NULL))
);
CREATE UNIQUE INDEX skip_level_once ON skip_level (case_id, level, on_day) WHERE annulled_at IS NULL;
CREATE INDEX skip_level_day ON skip_level (on_day);
