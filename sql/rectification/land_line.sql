-- Write one filled line of a returned list down, with what became of it.
--
-- Grain: one row. Repeatable: no; a list is landed once. Parameters: the columns, by name

INSERT INTO landing.rectification_line (
    rectification_id,
    row_number,
    feed,
    number,
    document,
    field,
    received,
    corrected,
    note,
    outcome,
    sentences,
    correction_id
)
VALUES (
    :rectification_id,
    :row_number,
    :feed,
    :number,
    :document,
    :field,
    :received,
    :corrected,
    :note,
    :outcome,
    :sentences,
    :correction_id
)
