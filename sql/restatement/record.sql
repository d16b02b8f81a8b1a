-- Write down what is meant instead of one content of a record.
--
-- Grain: one restatement. Repeatable: no; a content that is restated already gives no row back.
-- Parameters: :feed, :record_id, :content_hash, :document, :fields, :since, :restated_on, :person, :reason,
-- :correction_id (may be NULL)

INSERT INTO quality.restatement (
    feed, record_id, content_hash, document, fields, since, restated_on, person, reason, correction_id
)
VALUES (
    :feed,
    cast(:record_id AS uuid),
    :content_hash,
    :document,
    cast(:fields AS jsonb),
    :since,
    :restated_on,
    :person,
    :reason,
    :correction_id
)
ON CONFLICT (feed, record_id, content_hash) DO NOTHING
RETURNING restatement_id
