-- Count what a correction changed, and hash it as a set.
--
-- Grain: one row. Repeatable: reads only. Parameters: none.

WITH lines AS (
    SELECT sha256(convert_to(cast(changed.record_id AS text), 'UTF8') || changed.digest) AS digest
    FROM correction_changes AS changed
    UNION ALL
    SELECT
        sha256(
            convert_to(
                concat_ws(
                    '|',
                    'entry',
                    entry.record_id,
                    entry.state_before,
                    entry.state_after,
                    cast(entry.rules_before AS text),
                    cast(entry.rules_after AS text)
                ),
                'UTF8'
            )
            || entry.content_hash
        )
    FROM correction_entry_changes AS entry
)

SELECT
    (SELECT count(*) FILTER (WHERE operation = 'entered') FROM correction_changes) AS entered,
    (SELECT count(*) FILTER (WHERE operation = 'changed') FROM correction_changes) AS changed,
    (SELECT count(*) FILTER (WHERE operation = 'withdrawn') FROM correction_changes) AS withdrawn,
    (SELECT count(*) FILTER (WHERE operation = 'history') FROM correction_changes) AS history,
    (
        SELECT count(*) FILTER (WHERE state_after = 'open' AND state_before <> 'open')
        FROM correction_entry_changes
    ) AS entries_opened,
    (
        SELECT count(*) FILTER (WHERE state_before = 'open' AND state_after <> 'open')
        FROM correction_entry_changes
    ) AS entries_closed,
    (
        SELECT
            concat_ws(
                '-', count(*), sum(publication.hash_number(digest, 1)), sum(publication.hash_number(digest, 16))
            )
        FROM lines
    ) AS set_hash
