-- Count what judging anew has changed in a feed's live records, and what stands in its quarantine now.
--
-- Grain: one row. Repeatable: reads only. Parameters: :feed

WITH now AS (
    SELECT
        version.record_id,
        version.content_hash
    FROM {{ history }} AS version
    WHERE version.feed = :feed AND version.valid_to IS NULL AND version.ending IS NULL
),

compared AS (
    SELECT
        count(before.record_id) AS live_before,
        count(now.record_id) AS live_now,
        count(*) FILTER (WHERE before.record_id IS NULL) AS stored,
        count(*) FILTER (WHERE now.record_id IS NULL) AS taken_back,
        count(*) FILTER (WHERE before.content_hash <> now.content_hash) AS other_content
    FROM live_before AS before
    FULL OUTER JOIN now ON before.record_id = now.record_id
),

quarantined AS (
    SELECT count(*) AS open_entries
    FROM quality.quarantine
    WHERE feed = :feed AND state = 'open'
)

SELECT
    compared.live_before,
    compared.live_now,
    compared.stored,
    compared.taken_back,
    compared.other_content,
    quarantined.open_entries
FROM compared
CROSS JOIN quarantined
