-- depends: 0103_messages
-- On which ground a code is barred: our own staff named it, routing's latest word holds it. In force while either is so.
-- Older rows count as routing's until its next word on the case.
ALTER TABLE bar ADD COLUMN named boolean NOT NULL DEFAULT false, ADD COLUMN told boolean NOT NULL DEFAULT true;
