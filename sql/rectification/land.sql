-- Write a returned list down; the same file, by its content, gives no row back.
--
-- Grain: at most one row. Repeatable: yes.
-- Parameters: :checksum, :origin, :section, :list_date, :received_on, :person

INSERT INTO landing.rectification (checksum, origin, section, list_date, received_on, person)
VALUES (:checksum, :origin, :section, :list_date, :received_on, :person)
ON CONFLICT (checksum) DO NOTHING
RETURNING rectification_id
