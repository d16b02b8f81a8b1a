-- Keep records that seem missing: some row of the batch has lost its key and may be any of them.
--
-- Grain: all missing records of the batch. Repeatable: yes. Parameters: none.

DELETE FROM missing
