-- Give a column of the exchange database another name, as a new version of its owner does.
--
-- Grain: one column. Repeatable: no. Parameters: none.

ALTER TABLE "XZCF" RENAME COLUMN "CF_SY" TO "CF_SS"
