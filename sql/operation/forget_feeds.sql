-- Empty the list of feeds before it is written anew from the catalogue.
--
-- Grain: all feeds. Repeatable: yes. Parameters: none.

DELETE FROM operation.feed
