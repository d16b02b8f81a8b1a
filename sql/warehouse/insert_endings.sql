-- End the records that a full compare does not show any more; the ending keeps the last content.
--
-- Grain: one ending per missing record. Repeatable: after remove_versions.
-- Parameters: :batch_id, :known_at, :reason, :basis
-- What a delivery shows was decided by nobody: the person stays empty. The basis is the feed's; another key has none.

INSERT INTO {{ history }} (
    record_id,
    batch_id,
    row_number,
    feed,
    subject_id,
    source_id,
    source_at,
    known_at,
    valid_from,
    ending,
    ending_reason,
    ending_basis,
    content_hash,
    {{ fields }}
)
SELECT
    version.record_id,
    :batch_id,
    0,
    version.feed,
    version.subject_id,
    version.source_id,
    :known_at,
    :known_at,
    :known_at,
    missing.ending,
    :reason,
    CASE WHEN missing.successor_id IS NULL THEN cast(:basis AS text) END,
    version.content_hash,
    {{ fields | of("version") }}
FROM missing
INNER JOIN {{ history }} AS version
    ON missing.record_id = version.record_id AND missing.batch_id = version.batch_id
ORDER BY version.record_id
