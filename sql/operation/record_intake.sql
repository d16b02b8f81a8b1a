-- Write what came of a feed on a business date; a later try replaces what an earlier one left.
--
-- Grain: one feed and date. Repeatable: yes. Parameters: :feed, :business_date, :batch_id, :problem

INSERT INTO operation.intake (feed, business_date, batch_id, problem)
VALUES (:feed, :business_date, :batch_id, :problem)
ON CONFLICT (feed, business_date) DO UPDATE
SET batch_id = excluded.batch_id, problem = excluded.problem
