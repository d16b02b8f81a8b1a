-- Remember what a delta of a platform and record type has seen.
--
-- Grain: one row. Repeatable: yes. Parameters: :platform, :record_type, :seen, :definition

INSERT INTO publication.compared (platform, record_type, logical_date, seen, definition)
VALUES (
    :platform,
    :record_type,
    cast(current_setting('xinyong.logical_date') AS date),
    :seen,
    :definition
)
ON CONFLICT (platform, record_type) DO UPDATE
    SET
        logical_date = excluded.logical_date,
        seen = excluded.seen,
        definition = excluded.definition
