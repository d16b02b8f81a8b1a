-- Fill the vendor's dictionary: the kinds of parties.
--
-- Grain: one row per code. Repeatable: after the tables were emptied. Parameters: none.
INSERT INTO t_xt_zdx (zdlx, zddm, zdmc)
VALUES
('DSRLX', '1', '法人及非法人组织'),
('DSRLX', '2', '自然人'),
('DSRLX', '4', '个体工商户');
