-- Hold what the stage `store` of every feed needs; reading goes on.
--
-- Grain: one lock, until the transaction ends. Repeatable: yes. Parameters: none.

LOCK TABLE warehouse.store_result IN EXCLUSIVE MODE
