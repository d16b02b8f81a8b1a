-- Remove the staged table of a feed's previous batch before the next one is staged.
--
-- Grain: one table. Repeatable: yes. Parameters: none; the name follows the catalogue's feed.

DROP TABLE IF EXISTS {{ staged }}
