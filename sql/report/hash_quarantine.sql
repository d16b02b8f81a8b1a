-- Hash the quarantine as a set.
--
-- Grain: one row. Repeatable: reads only. Parameters: none.

SELECT
    count(*) AS row_count,
    concat_ws(
        '-', count(*), sum(publication.hash_number(digest, 1)), sum(publication.hash_number(digest, 16))
    ) AS set_hash
FROM (
    SELECT
        sha256(
            convert_to(
                concat_ws(
                    '|',
                    entry.feed,
                    entry.record_id,
                    entry.rule_codes,
                    entry.state,
                    entry.opened_on,
                    coalesce(entry.closed_on::text, 'open')
                ),
                'UTF8'
            )
            || entry.content_hash
        ) AS digest
    FROM quality.quarantine AS entry
) AS hashed
