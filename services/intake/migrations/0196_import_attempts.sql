-- depends: 0180_imports
-- How often a list was taken up since it last came further than ever, to the row `reached`: a list that takes its process down each time
-- is given up.
ALTER TABLE import_job ADD COLUMN attempts integer NOT NULL DEFAULT 0, ADD COLUMN reached integer NOT NULL DEFAULT 0;
