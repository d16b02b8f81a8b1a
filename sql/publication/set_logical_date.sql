-- Tell the gate which date it is; the gate knows no clock.
--
-- Grain: this transaction. Repeatable: yes. Parameters: :logical_date

SELECT set_config('xinyong.logical_date', :logical_date, TRUE)
