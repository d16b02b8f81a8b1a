-- Link all versions of a record type to the subjects as they are known now, so that no link tells when it was made.
--
-- Grain: versions whose subject differs. Repeatable: yes; what is linked right stays untouched. Parameters: none.

UPDATE {{ history }} AS version
SET subject_id = found.subject_id
FROM (
    SELECT
        candidate.record_id,
        candidate.batch_id,
        {{ subject_id }} AS subject_id
    FROM {{ history }} AS candidate
    {% for link in links %}
    LEFT JOIN warehouse.identifier AS {{ link.name }}
        ON {{ link.name }}.kind = {{ link.kind }} AND {{ link.name }}.value = {{ link.value }}
    {% endfor %}
) AS found
WHERE
    version.record_id = found.record_id
    AND version.batch_id = found.batch_id
    AND version.subject_id IS DISTINCT FROM found.subject_id
