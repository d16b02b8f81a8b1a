-- Functions that write a record the way a platform wants it.
--
-- Grain: one value. Repeatable: yes, they replace themselves. Parameters: none.

-- Translate the parts of a coded field into a platform's words; each word once, in the order of the parts.
CREATE OR REPLACE FUNCTION publication.translated(value text, separator text, codes jsonb, joined_by text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(word, joined_by ORDER BY place)
    FROM (
        SELECT
            coalesce(codes ->> part, CASE WHEN part LIKE '其他%' THEN codes ->> '其他' END, part) AS word,
            min(place) AS place
        FROM unnest(string_to_array(value, separator)) WITH ORDINALITY AS parts (part, place)
        WHERE part <> ''
        GROUP BY 1
    ) AS words
$$;

-- A part of an order-independent set hash: 60 bits of a digest as a number that sums.
CREATE OR REPLACE FUNCTION publication.hash_number(digest bytea, start int) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || lpad(substr(encode(digest, 'hex'), start, 15), 16, '0'))::bit(64)::bigint
$$;

-- The bucket of subjects that a natural key belongs to, 0 to 255; all records of a party are in one bucket.
CREATE OR REPLACE FUNCTION publication.bucket(natural_key text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT get_byte(sha256(convert_to(split_part(natural_key, '|', 1), 'UTF8')), 0)
$$;

-- Whether every word of a translated field is one of the platform's own.
CREATE OR REPLACE FUNCTION publication.only_words(value text, joined_by text, words text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_to_array(value, joined_by) <@ words, TRUE)
$$;
