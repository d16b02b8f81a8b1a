-- A platform may show a record under two keys: the old one, whose withdrawal it refused, and the new one.

ALTER TABLE publication.published DROP CONSTRAINT published_pkey;
ALTER TABLE publication.published
ADD CONSTRAINT published_pkey PRIMARY KEY (platform, record_type, record_id, natural_key);
