-- Empty the list of records whose publicity ended on a date before it is written anew.
--
-- Grain: one date. Repeatable: yes. Parameters: :business_date

DELETE FROM warehouse.publicity_ended
WHERE business_date = :business_date
