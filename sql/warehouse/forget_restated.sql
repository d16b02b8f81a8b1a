-- Take back what a feed says of the records that are restated, before it is written anew.
--
-- Grain: the versions of the named records in one feed, and where they went on. Repeatable: yes. Parameters: :feed

WITH gone AS (
    DELETE FROM {{ history }} AS version
    USING restated
    WHERE version.record_id = restated.record_id AND version.feed = :feed
    RETURNING version.record_id, version.batch_id
)

DELETE FROM warehouse.succession
USING gone
WHERE succession.record_id = gone.record_id AND succession.batch_id = gone.batch_id
