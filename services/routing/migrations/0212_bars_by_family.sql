-- depends: 0160_linked
-- Who recused himself from another part of the same letter, as intake tells it: all of them at the moment.
ALTER TABLE case_bar ADD COLUMN family_organisations jsonb NOT NULL DEFAULT '[]', ADD COLUMN family_officials jsonb NOT NULL DEFAULT '[]';
