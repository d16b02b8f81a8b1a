-- Tell the migration into how many parts a history table is divided.
--
-- Grain: one setting of the transaction. Repeatable: yes. Parameters: :parts

SELECT set_config('xinyong.history_partitions', cast(cast(:parts AS int) AS text), TRUE)
