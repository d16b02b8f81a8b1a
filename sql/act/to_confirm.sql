-- List the acts whose effect a platform has taken, and which nothing says so yet.
--
-- Grain: one row per act. Repeatable: reads only. Parameters: :platform, :business_date
-- Taken is an act once a message written after it shows that the platform was compared with it in force, nothing
-- about the record is open, and the last answer about it was yes. A withdrawal must be out of the published state
-- besides, and a correction must have brought another content.

SELECT
    act.act_id,
    act.kind,
    act.record_type,
    receipt.number,
    receipt.position,
    receipt.natural_key,
    encode(published.content_hash, 'hex') AS shown_hash
FROM warehouse.act AS act
INNER JOIN LATERAL (
    SELECT
        item.number,
        item.position,
        item.natural_key
    FROM publication.item AS item
    WHERE
        item.platform = :platform
        AND item.record_type = act.record_type
        AND item.record_id = act.record_id
        AND item.state = 'accepted'
    ORDER BY item.number DESC, item.position DESC
    LIMIT 1
) AS receipt ON TRUE
LEFT JOIN publication.published AS published
    ON
        act.record_type = published.record_type
        AND act.record_id = published.record_id
        AND receipt.natural_key = published.natural_key
        AND published.platform = :platform
WHERE
    act.effective_on <= :business_date
    AND NOT EXISTS (
        SELECT FROM warehouse.act_confirmation AS known
        WHERE known.act_id = act.act_id AND known.platform = :platform
    )
    AND NOT EXISTS (
        SELECT FROM warehouse.act AS reversal
        WHERE reversal.answers = act.act_id AND reversal.kind = 'reversal'
    )
    AND EXISTS (
        SELECT FROM publication.message AS message
        WHERE
            message.platform = :platform
            AND message.number > coalesce(cast(act.last_numbers ->> cast(:platform AS text) AS bigint), 0)
    )
    AND NOT EXISTS (
        SELECT FROM publication.item AS item
        WHERE
            item.platform = :platform
            AND item.record_type = act.record_type
            AND item.record_id = act.record_id
            AND (
                item.state = 'open'
                OR (
                    item.state = 'rejected'
                    AND (item.number, item.position) > (receipt.number, receipt.position)
                    AND act.kind NOT IN ('annulment', 'repair', 'upheld', 'retraction')
                )
            )
    )
    AND (
        act.kind NOT IN ('annulment', 'repair', 'upheld', 'retraction')
        OR NOT EXISTS (
            SELECT FROM publication.published AS shown
            WHERE
                shown.platform = :platform
                AND shown.record_type = act.record_type
                AND shown.record_id = act.record_id
        )
    )
    AND (
        act.kind <> 'correction'
        {% for one in record_types %}
        OR (
            act.record_type = {{ one.title }}
            AND NOT EXISTS (
                SELECT FROM warehouse.{{ one.table }} AS live
                WHERE live.record_id = act.record_id AND live.content_hash = act.last_hash
            )
        )
        {% endfor %}
    )
ORDER BY act.act_id
