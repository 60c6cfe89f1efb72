-- depends: 0190_casework
-- What finds published answers by their words: a Chinese word has often two characters, too few for trigrams.
CREATE FUNCTION grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    -- Each character, and each two that stand side by side.
    SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
        SELECT unnest(ARRAY[letter, letter || lead(letter) OVER (ORDER BY place)]) AS gram
        FROM string_to_table(lower(words), NULL) WITH ORDINALITY AS letters (letter, place)
    ) AS all_grams WHERE gram IS NOT NULL
$$;
ALTER TABLE published ADD grams text[] GENERATED ALWAYS AS (grams(title || E'\n' || brief || E'\n' || answer)) STORED;
CREATE INDEX published_grams ON published USING gin (grams) WHERE withdrawn_at IS NULL;
DROP INDEX published_time;
CREATE INDEX published_time ON published (published_at DESC, id) WHERE withdrawn_at IS NULL;   -- as the list is sorted
