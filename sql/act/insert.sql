-- Write an act down, with what was known at that moment.
--
-- Grain: one row. Repeatable: the same act again is refused by its key; ask first. Parameters: the act's columns.

INSERT INTO warehouse.act (
    record_type,
    record_id,
    kind,
    effective_on,
    known_on,
    counted_from,
    working_days,
    answer_days,
    person,
    basis,
    document_number,
    reason,
    answers,
    disclosure,
    fields,
    document,
    party,
    section,
    last_hash,
    last_numbers
)
SELECT
    :record_type,
    cast(:record_id AS uuid),
    :kind,
    :effective_on,
    :known_on,
    :counted_from,
    :working_days,
    :answer_days,
    :person,
    :basis,
    :document_number,
    :reason,
    cast(:answers AS bigint),
    cast(:disclosure AS text),
    cast(:fields AS text[]),
    :document,
    :party,
    :section,
    :last_hash,
    coalesce(
        (
            SELECT jsonb_object_agg(told.platform, told.number)
            FROM (
                SELECT
                    message.platform,
                    max(message.number) AS number
                FROM publication.message AS message
                GROUP BY message.platform
            ) AS told
        ),
        '{}'
    )
RETURNING act_id
