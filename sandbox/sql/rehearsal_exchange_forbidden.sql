-- Let a table of the exchange database refuse every new or changed row, as one does on which we have no rights.
--
-- Grain: one trigger. Repeatable: yes. Parameters: none.

CREATE OR REPLACE FUNCTION rehearsal_no_right() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'permission denied' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE OR REPLACE TRIGGER rehearsal BEFORE INSERT OR UPDATE ON "XZCF"
FOR EACH ROW EXECUTE FUNCTION rehearsal_no_right();
