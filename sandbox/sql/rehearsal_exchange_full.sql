-- Let a table of the exchange database refuse every new or changed row, as a server without room does.
--
-- Grain: one trigger. Repeatable: yes. Parameters: none.

CREATE OR REPLACE FUNCTION rehearsal_no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
END
$$;
CREATE OR REPLACE TRIGGER rehearsal BEFORE INSERT OR UPDATE ON "XZCF"
FOR EACH ROW EXECUTE FUNCTION rehearsal_no_room();
