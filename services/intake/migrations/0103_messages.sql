-- Messages to petitioners (the address is in `sealed`), and mails that were kept instead of registered.
CREATE TABLE message (
    id              uuid        PRIMARY KEY,
    case_id         uuid        NOT NULL,
    template        text        NOT NULL,
    params          jsonb       NOT NULL,
    requested_at    timestamptz NOT NULL,
    stage           text        NOT NULL,
    attempts        integer     NOT NULL,
    next_attempt_at timestamptz,
    ended_at        timestamptz
);
CREATE INDEX message_case ON message (case_id);
CREATE INDEX message_due ON message (next_attempt_at) WHERE stage = 'waiting';
CREATE TRIGGER guard_stage BEFORE UPDATE OF stage ON message FOR EACH ROW EXECUTE FUNCTION guard_stage('message');

CREATE TABLE unread_mail (
    id            uuid        PRIMARY KEY,
    stage         text        NOT NULL,
    reason        text        NOT NULL,
    received_at   timestamptz NOT NULL,
    size          integer     NOT NULL,
    ended_at      timestamptz,
    ended_by      jsonb,
    dismissed_for text        NOT NULL,
    case_id       uuid
);
CREATE INDEX unread_mail_waiting ON unread_mail (received_at) WHERE stage = 'waiting';
CREATE TRIGGER guard_stage BEFORE UPDATE OF stage ON unread_mail FOR EACH ROW EXECUTE FUNCTION guard_stage('unread_mail');

CREATE TABLE unread_bytes (
    mail_id     uuid  PRIMARY KEY REFERENCES unread_mail DEFERRABLE INITIALLY DEFERRED,
    fingerprint bytea NOT NULL UNIQUE,  -- the same mail delivered twice is kept once
    data_key    bytea NOT NULL,
    bytes       bytea NOT NULL
);
ALTER TABLE unread_bytes ALTER COLUMN bytes SET STORAGE EXTERNAL;
