-- Empty the tables of the enforcement system before the state of another date is loaded, in the same transaction.
--
-- Grain: three tables. Repeatable: yes. Parameters: none.
TRUNCATE t_aj_cfjd, t_aj_dsr, t_xt_zdx;
