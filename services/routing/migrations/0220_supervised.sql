-- depends: 0212_bars_by_family
-- What supervision, our own or a superior's, sent to an official of this instance: reminders, notices, interviews.
CREATE TABLE supervised (
    id           uuid PRIMARY KEY,            -- the step's
    case_id      uuid        NOT NULL,
    issuer       text        NOT NULL,
    step         text        NOT NULL,
    obligation   text        NOT NULL,
    responsible  jsonb       NOT NULL,
    document     text        NOT NULL,
    demand       text        NOT NULL,
    until        date,
    taken_at     timestamptz NOT NULL,
    interview_id uuid,
    place        text,
    meets_at     timestamptz,
    ended_at     timestamptz                  -- annulled, or the interview was held or called off
);
CREATE INDEX supervised_official ON supervised ((responsible ->> 'official')) WHERE ended_at IS NULL;
CREATE INDEX supervised_interview ON supervised (interview_id, case_id) WHERE interview_id IS NOT NULL;
