-- List the record types of which any version is stored.
--
-- Grain: one row per record type. Repeatable: reads only. Parameters: none.

{% for one in record_types %}
SELECT {{ one.title }} AS record_type
WHERE EXISTS (SELECT FROM warehouse.{{ one.table }})
{% if not loop.last %}
UNION ALL
{% endif %}
{% endfor %}
