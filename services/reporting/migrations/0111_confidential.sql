-- depends: 0102_exports
-- Whether the latest instruction is confidential: then who may see the case is told that, and not what it is about.
ALTER TABLE case_row ADD COLUMN confidential boolean NOT NULL DEFAULT false;
