-- depends: 0105_withdrawal
-- Opening an original is a look of its own kind; and a case registered by hand finds the kept mail that it came from.
ALTER TABLE look DROP CONSTRAINT look_what_check, ADD CONSTRAINT look_what_check CHECK (what IN ('text', 'identity', 'mail', 'original'));
CREATE INDEX unread_mail_case ON unread_mail (case_id) WHERE case_id IS NOT NULL;
