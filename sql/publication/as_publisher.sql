-- Give up every right but the publisher's until the transaction ends: only the gate's views are in reach.
--
-- Grain: this transaction. Repeatable: yes. Parameters: none.

SET LOCAL ROLE xinyong_publisher
