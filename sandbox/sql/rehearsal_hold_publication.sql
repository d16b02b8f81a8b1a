-- Hold what receipts are written into; reading goes on.
--
-- Grain: one lock, until the transaction ends. Repeatable: yes. Parameters: none.

LOCK TABLE publication.published IN EXCLUSIVE MODE
