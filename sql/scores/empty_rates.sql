-- Take the rates of another period out.
--
-- Grain: all rates. Repeatable: yes. Parameters: none.

DELETE FROM rate
