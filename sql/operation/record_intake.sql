-- Write what came of a feed on a business date; a later try replaces what an earlier one left.
--
-- Grain: one feed and date. Repeatable: yes. Parameters: :feed, :business_date, :batch_id, :outcome, :problem

INSERT INTO operation.intake (feed, business_date, batch_id, outcome, problem)
VALUES (:feed, :business_date, :batch_id, :outcome, :problem)
ON CONFLICT (feed, business_date) DO UPDATE
    SET batch_id = excluded.batch_id, outcome = excluded.outcome, problem = excluded.problem
