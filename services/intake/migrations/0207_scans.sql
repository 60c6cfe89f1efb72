-- depends: 0110_attachments
-- When a file is due for the virus scanner, so that one which it does not finish steps back behind the others.
ALTER TABLE attachment
    ADD scan_tries integer NOT NULL DEFAULT 0,   -- that the scanner did not finish
    ADD scan_at    timestamptz;                  -- null: no scan is owed
UPDATE attachment SET scan_at = added_at WHERE scan IN ('none', 'waiting', 'failed');
DROP INDEX attachment_unscanned;
CREATE INDEX attachment_scan_due ON attachment (scan_at) WHERE scan_at IS NOT NULL;
ALTER TABLE look DROP CONSTRAINT look_what_check,
    ADD CONSTRAINT look_what_check CHECK (what IN ('text', 'identity', 'mail', 'original', 'quarantined'));
