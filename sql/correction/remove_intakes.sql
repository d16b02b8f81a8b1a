-- Remove the intakes of the dates that a correction read again, before they are put back as they were.
--
-- Grain: the dates of one correction. Repeatable: yes. Parameters: :correction_id, :feed

DELETE FROM operation.intake AS intake
USING operation.correction_intake AS kept
WHERE kept.correction_id = :correction_id AND intake.feed = :feed AND intake.business_date = kept.business_date
