-- Append the news of a batch to the history, linked to their subjects.
--
-- Grain: one version per record with news. Repeatable: after remove_versions. Parameters: :feed, :known_at
-- Rows go in by record id, so that the index grows at its end and not everywhere.

INSERT INTO {{ history }} (
    record_id,
    batch_id,
    row_number,
    feed,
    subject_id,
    source_id,
    source_at,
    known_at,
    valid_from,
    content_hash,
    {{ fields }}
)
SELECT
    news.record_id,
    staged.batch_id,
    staged.row_number,
    :feed,
    {{ subject_id }},
    staged.source_id,
    news.source_at,
    :known_at,
    news.source_at,
    staged.content_hash,
    {{ fields | of("staged") }}
FROM news
INNER JOIN {{ staged }} AS staged ON news.row_number = staged.row_number
{% for link in links %}
LEFT JOIN warehouse.identifier AS {{ link.name }}
    ON {{ link.name }}.kind = {{ link.kind }} AND {{ link.name }}.value = {{ link.value }}
{% endfor %}
ORDER BY news.record_id
