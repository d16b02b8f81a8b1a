-- Let a platform show a record under two keys: the old one, whose withdrawal it refused, and the new one.
--
-- Grain: see the table. Repeatable: no, Alembic runs it once. Parameters: none.

ALTER TABLE publication.published DROP CONSTRAINT published_pkey;
ALTER TABLE publication.published
ADD CONSTRAINT published_pkey PRIMARY KEY (platform, record_type, record_id, natural_key);
