-- Remember one step by which tables followed the catalogue.
--
-- Grain: one row per step. Repeatable: no. Parameters: :ddl

INSERT INTO operation.catalogue_change (ddl) VALUES (:ddl)
