-- Write down that a section says it has no data in a month; a later statement replaces an earlier one.
--
-- Grain: one feed and month. Repeatable: yes. Parameters: :feed, :month, :person, :reason, :declared_on

INSERT INTO operation.nil_declaration (feed, month, person, reason, declared_on)
VALUES (:feed, :month, :person, :reason, :declared_on)
ON CONFLICT (feed, month) DO UPDATE
    SET person = excluded.person, reason = excluded.reason, declared_on = excluded.declared_on
