-- Find the contents of a feed's records that a person may restate: set aside and undecided, or live.
--
-- Grain: one row per sought name and content; an entry that stands open hides the live version of its record, because
-- it is what the source delivers now. Repeatable: reads only.
-- Parameters: :feed, :sought (names: a quarantine number, a document number or a record id), :latest (known_at of the
-- feed's latest batch, for feeds that are read whole; NULL for others)

WITH sought AS (
    SELECT unnest(cast(:sought AS text[])) AS name
),

aside AS (
    SELECT
        sought.name,
        entry.record_id,
        entry.content_hash,
        entry.document,
        entry.party,
        last_seen.known_at AS since,
        TRUE AS is_set_aside,
        cast(NULL AS jsonb) AS held
    FROM sought
    INNER JOIN quality.quarantine AS entry
        ON
            entry.feed = :feed
            AND entry.state IN ('open', 'waived')
            AND (
                cast(entry.record_id AS text) = sought.name
                OR (length(sought.name) >= 8 AND starts_with(encode(entry.content_hash, 'hex'), sought.name))
                OR quality.key_part(entry.document) = quality.key_part(sought.name)
            )
    INNER JOIN landing.batch AS last_seen ON entry.last_batch_id = last_seen.batch_id
),

live AS (
    SELECT
        sought.name,
        version.record_id,
        coalesce(restated.content_hash, version.content_hash) AS content_hash,
        {{ document }} AS document,
        {{ party }} AS party,
        coalesce(cast(:latest AS timestamptz), version.known_at) AS since,
        FALSE AS is_set_aside,
        to_jsonb(version) AS held
    FROM sought
    INNER JOIN {{ history }} AS version
        ON
            version.feed = :feed
            AND version.valid_to IS NULL
            AND version.ending IS NULL
            AND (
                cast(version.record_id AS text) = sought.name
                OR quality.key_part({{ document }}) = quality.key_part(sought.name)
            )
    LEFT JOIN LATERAL (
        SELECT restatement.content_hash
        FROM quality.restatement AS restatement
        INNER JOIN quality.restatement_seen AS seen ON restatement.restatement_id = seen.restatement_id
        WHERE
            restatement.feed = :feed
            AND restatement.record_id = version.record_id
            AND seen.is_applied
            AND seen.content_hash = version.content_hash
        LIMIT 1
    ) AS restated ON TRUE
)

SELECT
    aside.name,
    cast(aside.record_id AS text) AS record_id,
    aside.content_hash,
    aside.document,
    aside.party,
    aside.since,
    aside.is_set_aside,
    aside.held
FROM aside
UNION ALL
SELECT
    live.name,
    cast(live.record_id AS text),
    live.content_hash,
    live.document,
    live.party,
    live.since,
    live.is_set_aside,
    live.held
FROM live
LEFT JOIN aside ON live.name = aside.name AND live.record_id = aside.record_id
WHERE aside.record_id IS NULL
ORDER BY name, record_id, content_hash
