-- Forget what was seen for platforms and record types that the catalogue names no more.
--
-- Grain: one row per platform and record type. Repeatable: yes. Parameters: :known (`platform/record type`)

DELETE FROM publication.compared
WHERE NOT concat_ws('/', platform, record_type) = any(cast(:known AS text[]))
