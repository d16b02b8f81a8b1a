-- Let every statement that writes to a table note the records it wrote about.
--
-- Grain: one trigger per table and kind of statement. Repeatable: yes. Parameters: none.
-- Whoever writes, and why, makes no difference: a new way to write need not know of this.

CREATE OR REPLACE TRIGGER touched_by_{{ event }} AFTER {{ event }} ON {{ table }}
{% if image %}
REFERENCING {{ image }} TABLE AS changed
{% endif %}
FOR EACH STATEMENT EXECUTE FUNCTION publication.touch({{ argument }})
