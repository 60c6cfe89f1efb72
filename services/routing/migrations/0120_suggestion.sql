-- depends: 0160_linked
-- Whom a case is suggested to: the county's rules, and what its past assignments teach.
CREATE TABLE routing_rule (
    id            uuid PRIMARY KEY,
    position      integer NOT NULL,              -- the order; the number on pages is the place in it
    organisation  text    NOT NULL,
    category      text,
    place         text,
    channel       text,
    keywords      jsonb   NOT NULL,
    every_keyword boolean NOT NULL,
    active        boolean NOT NULL,
    note          text    NOT NULL,
    revision      integer NOT NULL,
    CHECK (category IS NOT NULL OR place IS NOT NULL OR channel IS NOT NULL OR keywords <> '[]')
);

-- Who changed which rule, and what it said from then on. `by` is null where a file was imported by command.
CREATE TABLE rule_change (
    id      uuid PRIMARY KEY,
    rule_id uuid        NOT NULL,
    action  text        NOT NULL CHECK (action IN ('added', 'changed', 'moved', 'switched_on', 'switched_off', 'removed')),
    number  integer     NOT NULL,                -- its place after the change; of a removed one, before it
    says    jsonb       NOT NULL,
    by      jsonb,
    at      timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON rule_change FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE INDEX rule_change_at ON rule_change (at DESC);

-- Each training and how well it did. Only the latest keeps what was learnt.
CREATE TABLE learned (
    id         uuid PRIMARY KEY,
    version    integer     NOT NULL UNIQUE,
    trained_at timestamptz NOT NULL,
    cases      integer     NOT NULL,
    units      integer     NOT NULL,
    words      integer     NOT NULL,
    held_out   integer     NOT NULL,
    accuracy   jsonb       NOT NULL,             -- rules, learning, together: [first is right, one of three is right]
    records    jsonb       NOT NULL,             -- of each rule, by id and revision: [right, matched] among past cases
    seconds    real        NOT NULL,
    memory_mb  integer     NOT NULL,             -- the most that the learner's process held
    model      bytea                             -- counts of words, categories and places by unit, as packed JSON
);
