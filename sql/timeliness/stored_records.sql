-- List the records of a type that were live on a date, with when we first knew of them and first could use them.
--
-- Grain: one row per record. Repeatable: yes. Parameters: :record_type, :business_date
-- Versions count by the date they were known for, so that a past date gives what it gave then.

INSERT INTO measured_record
WITH believed AS (
    SELECT DISTINCT ON (version.record_id, version.feed)
        version.record_id,
        version.feed,
        version.source_at,
        version.known_at,
        version.ending,
        {{ document }} AS document,
        {{ party_name }} AS party,
        {{ party_kind }} AS party_kind,
        {{ decision_date }} AS decision_date,
        {{ disclosure }} AS disclosure
    FROM {{ history }} AS version
    INNER JOIN landing.batch AS batch ON version.batch_id = batch.batch_id
    WHERE batch.business_date <= :business_date
    ORDER BY
        version.record_id ASC, version.feed ASC, version.source_at DESC, version.known_at DESC, version.batch_id DESC
),

live AS (
    SELECT DISTINCT ON (believed.record_id) believed.*
    FROM believed
    LEFT JOIN operation.feed AS owner ON believed.feed = owner.feed
    WHERE believed.ending IS NULL
    ORDER BY
        believed.record_id ASC, owner.precedence ASC NULLS LAST, believed.source_at DESC, believed.known_at DESC
),

first_stored AS (
    SELECT
        version.record_id,
        min(batch.business_date) AS day
    FROM {{ history }} AS version
    INNER JOIN landing.batch AS batch ON version.batch_id = batch.batch_id
    GROUP BY version.record_id
),

first_set_aside AS (
    SELECT
        record_id,
        min(opened_on) AS day
    FROM quality.quarantine
    WHERE record_type = :record_type
    GROUP BY record_id
)

SELECT
    :record_type,
    live.record_id,
    live.feed,
    live.document,
    live.party,
    live.party_kind,
    live.decision_date,
    live.disclosure,
    shown.hidden_from,
    least(first_stored.day, first_set_aside.day),
    first_stored.day
FROM live
INNER JOIN first_stored ON live.record_id = first_stored.record_id
LEFT JOIN first_set_aside ON live.record_id = first_set_aside.record_id
LEFT JOIN warehouse.{{ record_type }}_current AS shown ON live.record_id = shown.record_id
