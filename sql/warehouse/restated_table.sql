-- Name the records whose history is written anew; their validity is restated with it.
--
-- Grain: one row per record. Repeatable: temporary, dropped with the transaction. Parameters: :record_ids

CREATE TEMPORARY TABLE restated ON COMMIT DROP AS
SELECT DISTINCT named.record_id
FROM unnest(cast(:record_ids AS uuid[])) AS named (record_id)
