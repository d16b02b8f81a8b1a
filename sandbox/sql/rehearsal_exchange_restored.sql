-- Give a column of the exchange database its own name back.
--
-- Grain: one column. Repeatable: no. Parameters: none.

ALTER TABLE "XZCF" RENAME COLUMN "CF_SS" TO "CF_SY"
