-- Say what an act needs to know of a record: how it is called, whose it is, when repair may begin, who showed it.
--
-- Grain: one row. Repeatable: reads only. Parameters: :record_type, :record_id

SELECT
    latest.document,
    latest.party,
    coalesce(live.party_kind, latest.party_kind) AS party_kind,
    latest.decision_date,
    latest.section,
    live.record_id IS NOT NULL AS is_live,
    live.severity,
    live.repair_from,
    live.content_hash AS last_hash,
    array(
        SELECT DISTINCT item.platform
        FROM publication.item AS item
        WHERE
            item.record_type = :record_type
            AND item.record_id = latest.record_id
            AND item.state = 'accepted'
            AND item.operation <> 'withdraw'
        ORDER BY item.platform
    ) AS shown_at
FROM (
    SELECT
        version.record_id,
        {{ document }} AS document,
        {{ party_name }} AS party,
        {{ party_kind }} AS party_kind,
        {{ decision_date }} AS decision_date,
        owner.section
    FROM {{ history }} AS version
    LEFT JOIN operation.feed AS owner ON version.feed = owner.feed
    WHERE version.record_id = cast(:record_id AS uuid)
    ORDER BY version.valid_to IS NULL DESC, version.ending IS NULL DESC, version.source_at DESC, version.known_at DESC
    LIMIT 1
) AS latest
LEFT JOIN warehouse.{{ record_type }}_current AS live ON latest.record_id = live.record_id
