-- Name what a platform cannot take although the gate clears it: which column, and why.
--
-- Grain: one row per record and problem. Repeatable: reads only.
-- Parameters: :needs (JSON rows: title, kind required/length/words, size, words, joined_by); the date was set before.

SELECT
    cast(gate.record_id AS text) AS record_id,
    gate.natural_key,
    need.title,
    need.kind,
    need.size,
    length(gate.payload ->> need.title) AS found_length
FROM publication.{{ view }} AS gate
INNER JOIN
    jsonb_to_recordset(cast(:needs AS jsonb))
        AS need (
            title text, kind text, size int, words text[], joined_by text
        )
    ON
        (need.kind = 'required' AND gate.payload ->> need.title IS NULL)
        OR (need.kind = 'length' AND length(gate.payload ->> need.title) > need.size)
        OR (
            need.kind = 'words'
            AND NOT publication.only_words(gate.payload ->> need.title, need.joined_by, need.words)
        )
WHERE NOT gate.fits
ORDER BY gate.natural_key, need.title
