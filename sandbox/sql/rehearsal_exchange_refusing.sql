-- Let a table of the exchange database refuse every new or changed row: without room, or without the right.
--
-- Grain: one trigger. Repeatable: yes. Parameters: :condition, by PostgreSQL's name (disk_full, insufficient_privilege)

CREATE OR REPLACE FUNCTION rehearsal_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this table takes nothing' USING ERRCODE = TG_ARGV[0];
END
$$;
CREATE OR REPLACE TRIGGER rehearsal BEFORE INSERT OR UPDATE ON "XZCF"
FOR EACH ROW EXECUTE FUNCTION rehearsal_refusal(:condition);
