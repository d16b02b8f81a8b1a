-- Make the table of a landed batch part of its feed's landing table; who reads there does not wait.
--
-- Grain: one table. Repeatable: no, ask is_part before. Parameters: none.

ALTER TABLE {{ whole }} ATTACH PARTITION {{ part }} FOR VALUES IN ({{ value }})
