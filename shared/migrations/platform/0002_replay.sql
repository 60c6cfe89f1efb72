-- depends: 0001_platform
-- A consumer whose queue was made anew, or that a person wants to hear again, asks each source to send from a point on.
-- Until the source's mark has arrived the consumer sets that source's messages aside: all of them come again, in order.
CREATE TABLE platform.replay (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue        text        NOT NULL,
    consumer     text        NOT NULL,
    source       text        NOT NULL,
    after        jsonb       NOT NULL,      -- stream: the last sequence that the consumer has
    requested_at timestamptz NOT NULL DEFAULT now(),
    begun_at     timestamptz,               -- the mark has arrived
    sent_at      timestamptz
);
CREATE UNIQUE INDEX replay_open ON platform.replay (queue, source) WHERE begun_at IS NULL;
