-- depends: 0110_whole
-- Reviews and final reviews that petitioners asked for (arts. 35 and 36).

CREATE TABLE review (
    id           uuid PRIMARY KEY,
    case_id      uuid        NOT NULL REFERENCES followed_case DEFERRABLE INITIALLY DEFERRED,
    level        text        NOT NULL CHECK (level IN ('review', 'final')),
    stage        text        NOT NULL,
    asked_at     timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    reviewer     jsonb,
    organ        text        NOT NULL,
    assigned_by  jsonb,
    assigned_at  timestamptz,
    hearing_days integer     NOT NULL CHECK (hearing_days >= 0),
    decision     text,
    answer       text        NOT NULL,
    document     text        NOT NULL,
    decided_by   jsonb,
    decided_at   timestamptz,
    final_until  timestamptz,
    CHECK ((stage = 'decided') = (decided_at IS NOT NULL))
);
CREATE UNIQUE INDEX review_case ON review (case_id, level);
CREATE INDEX review_waiting ON review (due_at) WHERE stage <> 'decided';
CREATE TRIGGER guard_stage BEFORE UPDATE ON review FOR EACH ROW EXECUTE FUNCTION guard_stage('review');
