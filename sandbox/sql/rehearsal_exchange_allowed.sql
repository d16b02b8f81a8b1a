-- Let a table of the exchange database take rows again.
--
-- Grain: one trigger. Repeatable: yes. Parameters: none.

DROP TRIGGER IF EXISTS rehearsal ON "XZCF"
