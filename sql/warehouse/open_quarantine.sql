-- Open a quarantine entry for every row that is set aside; one that is there already is seen once more.
--
-- Grain: one entry per record and content. Repeatable: after see_set_aside, whose sightings it is about.
-- Parameters: :feed, :record_type, :section, :batch_id, :business_date
-- A record without a readable key goes by its content. First and last sight follow the order of knowledge, so that a
-- late batch leaves what the right order would have left; an entry closed before this batch opens again.

INSERT INTO quality.quarantine AS entry (
    feed,
    record_id,
    content_hash,
    record_type,
    section,
    source_id,
    document,
    party,
    rule_codes,
    first_batch_id,
    last_batch_id,
    row_number,
    opened_on
)
SELECT
    :feed,
    sighting.record_id,
    sighting.content_hash,
    :record_type,
    :section,
    staged.source_id,
    {{ document }},
    {{ party }},
    sighting.rule_codes,
    :batch_id,
    :batch_id,
    sighting.row_number,
    :business_date
FROM quality.sighting AS sighting
INNER JOIN {{ staged }} AS staged ON sighting.row_number = staged.row_number
WHERE sighting.batch_id = :batch_id
ON CONFLICT (feed, record_id, content_hash) DO UPDATE
    SET
        (
            first_batch_id,
            opened_on,
            last_batch_id,
            row_number,
            rule_codes,
            state,
            closed_on,
            closed_by_batch_id,
            person,
            reason
        ) = (
            SELECT
                CASE WHEN seen.known_at < first_seen.known_at THEN seen.batch_id ELSE entry.first_batch_id END,
                least(entry.opened_on, excluded.opened_on),
                CASE WHEN seen.known_at >= last_seen.known_at THEN seen.batch_id ELSE entry.last_batch_id END,
                CASE WHEN seen.known_at >= last_seen.known_at THEN excluded.row_number ELSE entry.row_number END,
                CASE WHEN seen.known_at >= last_seen.known_at THEN excluded.rule_codes ELSE entry.rule_codes END,
                CASE WHEN closing.known_at < seen.known_at THEN 'open' ELSE entry.state END,
                CASE WHEN closing.known_at < seen.known_at THEN NULL ELSE entry.closed_on END,
                CASE WHEN closing.known_at < seen.known_at THEN NULL ELSE entry.closed_by_batch_id END,
                CASE WHEN closing.known_at < seen.known_at THEN NULL ELSE entry.person END,
                CASE WHEN closing.known_at < seen.known_at THEN NULL ELSE entry.reason END
            FROM landing.batch AS seen
            CROSS JOIN landing.batch AS first_seen
            CROSS JOIN landing.batch AS last_seen
            LEFT JOIN landing.batch AS closing ON entry.closed_by_batch_id = closing.batch_id
            WHERE
                seen.batch_id = excluded.last_batch_id
                AND first_seen.batch_id = entry.first_batch_id
                AND last_seen.batch_id = entry.last_batch_id
        )
