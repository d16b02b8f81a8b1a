-- Make one partition of a history table.
--
-- Grain: one table. Repeatable: yes. Parameters: none.

CREATE TABLE IF NOT EXISTS {{ part }} PARTITION OF {{ whole }}
FOR VALUES WITH (MODULUS {{ modulus }}, REMAINDER {{ remainder }})
