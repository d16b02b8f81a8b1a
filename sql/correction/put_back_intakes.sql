-- Put the intakes of the dates that a correction read again back as they were.
--
-- Grain: the dates of one correction that had an intake. Repeatable: after remove_intakes.
-- Parameters: :correction_id, :feed

INSERT INTO operation.intake
SELECT intake.*
FROM operation.correction_intake AS kept
CROSS JOIN LATERAL jsonb_populate_record(cast(NULL AS operation.intake), kept.before) AS intake
WHERE kept.correction_id = :correction_id AND kept.before IS NOT NULL AND intake.feed = :feed
