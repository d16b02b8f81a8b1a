-- Write down one decision that an evaluator found unreported.
--
-- Grain: at most one row: a decision that was found before is not written again.
-- Repeatable: yes. Parameters: the columns, by name

INSERT INTO quality.finding (
    record_type, section, document, document_key, party, decided_on, found_on, found_by, person, note, recorded_on
)
VALUES (
    :record_type,
    :section,
    :document,
    quality.key_part(:document),
    :party,
    :decided_on,
    :found_on,
    :found_by,
    :person,
    :note,
    :recorded_on
)
ON CONFLICT (record_type, document_key) DO NOTHING
RETURNING finding_id
