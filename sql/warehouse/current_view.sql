-- The records that are true now, one row each: the live claim of the feed that prevails.
--
-- Grain: one row per live record. Repeatable: the view is made anew. Parameters: none.
-- `hidden_from` is the first day on which the record is no longer shown; NULL means long term.

CREATE VIEW warehouse.{{ record_type }}_current AS
SELECT {% if several_feeds %}DISTINCT ON (version.record_id){% endif %}

    version.*,
    owner.section,
    owner.precedence,
    {{ party_name }} AS party_name,
    {{ party_kind }} AS party_kind,
    {{ document }} AS document,
    {{ decision_date }} AS decision_date,
    {{ severity }} AS severity,
    {{ repair_from }} AS repair_from,
    {{ hidden_from }} AS hidden_from
FROM {{ history }} AS version
LEFT JOIN operation.feed AS owner ON version.feed = owner.feed
WHERE version.valid_to IS NULL AND version.ending IS NULL
{% if several_feeds %}
ORDER BY version.record_id ASC, owner.precedence ASC NULLS LAST, version.source_at DESC, version.known_at DESC
{% endif %}
