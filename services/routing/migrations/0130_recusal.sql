-- depends: 0103_sign_in_places
-- Who recused himself or was told to (art. 28), with ground and end; and who tried to get at what the guard keeps from him.

CREATE TABLE recusal (
    id           uuid PRIMARY KEY,
    case_id      uuid        NOT NULL,
    official     text,                       -- one of the two
    organisation text,
    ground       text        NOT NULL CHECK (ground IN ('party', 'kin', 'interest', 'handled', 'other', 'unstated')),
    note         text        NOT NULL,
    by           jsonb,                      -- null: recorded before grounds were kept
    at           timestamptz NOT NULL,
    ended_at     timestamptz,
    ended_by     jsonb,
    ended_reason text,
    CHECK ((official IS NULL) <> (organisation IS NULL))
);
CREATE INDEX recusal_case ON recusal (case_id, at);

-- A recusal is ended once; nothing else of it changes.
CREATE FUNCTION keep_recusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
       OR to_jsonb(NEW) - '{ended_at,ended_by,ended_reason}'::text[] <> to_jsonb(OLD) - '{ended_at,ended_by,ended_reason}'::text[] THEN
        RAISE EXCEPTION '% is never edited', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_recusal BEFORE UPDATE OR DELETE ON recusal FOR EACH ROW EXECUTE FUNCTION keep_recusal();

INSERT INTO recusal (id, case_id, official, ground, note, at)
SELECT gen_random_uuid(), case_id, code, 'unstated', '', platform.now() FROM case_bar, jsonb_array_elements_text(recused_officials) code;
INSERT INTO recusal (id, case_id, organisation, ground, note, at)
SELECT gen_random_uuid(), case_id, code, 'unstated', '', platform.now() FROM case_bar, jsonb_array_elements_text(recused_organisations) code;

-- What was refused by the guard: who tried what, and who is barred from the case by which article.
CREATE TABLE refused_try (
    id       uuid PRIMARY KEY,
    case_id  uuid        NOT NULL,
    tried_by text        NOT NULL,
    act      text        NOT NULL,
    barred   text        NOT NULL,           -- an official or an organisation
    article  text        NOT NULL,
    at       timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON refused_try FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE INDEX refused_try_at ON refused_try (at, id);
CREATE INDEX reading_at ON reading (first_at, case_id, official);
