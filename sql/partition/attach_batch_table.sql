-- Make the table of a landed batch part of its feed's landing table; who reads there does not wait.
--
-- Grain: one table. Repeatable: no, ask is_part before. Parameters: none.
-- The linter's grammar knows no schema before the name of a partition.

ALTER TABLE {{ whole }} ATTACH PARTITION {{ part }} FOR VALUES IN ({{ value }})  -- noqa: PRS
