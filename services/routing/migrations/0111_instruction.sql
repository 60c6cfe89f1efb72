-- depends: 0110_delegation 0140_protocol
-- What an instruction says beside its words, and who may read a confidential case.
ALTER TABLE instruction
    ADD COLUMN limit_days   integer CHECK (limit_days > 0),
    ADD COLUMN confidential boolean NOT NULL DEFAULT false,
    ADD COLUMN enclosures   jsonb   NOT NULL DEFAULT '[]';                -- names and digests
ALTER TABLE case_record ADD COLUMN confidential boolean NOT NULL DEFAULT false;   -- what the latest instruction says
ALTER TABLE deadline ADD COLUMN limited_by text;                          -- why it is no later

-- The rule of confidentiality, asked beside may_see wherever what a case is about, its instructions or its replies are shown: an
-- open case everybody; a confidential one whoever is responsible for an assignment of it, and in the instance that decides on it
-- (`own`) its first-in-command, who stands in for him, and the office.
CREATE FUNCTION may_read(seen uuid, reader text, own text, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM case_record c WHERE c.id = seen AND c.confidential)
        OR EXISTS (
            SELECT FROM assignment a
            WHERE a.case_id = seen AND a.responsible ->> 'official' = reader AND a.stage <> 'withdrawn'
        )
        OR EXISTS (SELECT FROM case_record c WHERE c.id = seen AND c.origin = own) AND (
            EXISTS (
                SELECT FROM official o, jsonb_array_elements(o.posts) post
                WHERE o.official = reader AND o.active
                  AND (post -> 'roles' ? 'office' OR post -> 'roles' ? 'first_in_command' AND post ->> 'organisation' = own)
            )
            OR EXISTS (
                SELECT FROM delegation d
                WHERE d.deputy ->> 'official' = reader AND d.starts_at <= at AND d.ends_at > at AND d.ended_at IS NULL
            )
        )
$$;

-- Words about a case as this reader may read them: empty to whom it is confidential.
CREATE FUNCTION words_for(words text, seen uuid, reader text, own text, at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN may_read(seen, reader, own, at) THEN words ELSE '' END
$$;
