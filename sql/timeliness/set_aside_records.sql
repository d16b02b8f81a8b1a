-- List the records of a feed that stood in quarantine on a date and were never stored: their days run all the same.
--
-- Grain: one row per record. Repeatable: yes. Parameters: :feed, :business_date
-- Party kind, decision date and class are read from the row as received, as the check stage reads them.

INSERT INTO measured_record
WITH cleaned AS (
    SELECT
        {% for column in landed_columns %}
        quality.folded(landed.{{ column }}) AS {{ column }},
        {% endfor %}
        landed.batch_id,
        landed.row_number
    FROM {{ landing }} AS landed
)

SELECT DISTINCT ON (entry.record_id)
    entry.record_type,
    entry.record_id,
    entry.feed,
    entry.document,
    entry.party,
    {{ party_kind }},
    quality.to_date({{ decision_date }}),
    {{ disclosure }},
    cast(NULL AS date),
    (
        SELECT min(earlier.opened_on)
        FROM quality.quarantine AS earlier
        WHERE earlier.record_id = entry.record_id AND earlier.record_type = entry.record_type
    ),
    cast(NULL AS date)
FROM quality.quarantine AS entry
INNER JOIN cleaned ON entry.last_batch_id = cleaned.batch_id AND entry.row_number = cleaned.row_number
WHERE
    entry.feed = :feed
    AND entry.state <> 'waived'
    AND entry.opened_on <= :business_date
    AND (entry.closed_on IS NULL OR entry.closed_on > :business_date)
ORDER BY entry.record_id ASC, entry.last_batch_id DESC
ON CONFLICT (record_type, record_id) DO NOTHING
