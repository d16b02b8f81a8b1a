-- Count the unified codes of the parties in what a feed held on a date: different ones, wrong ones, shared ones.
--
-- Grain: one row, for one feed; none when it delivered nothing, or something newer was staged since.
-- Repeatable: yes, after the date was forgotten. Parameters: :feed, :business_date, :placeholder
-- The placeholder stands for "no code" and is not one. Spelling of brackets and blanks makes no second name.

INSERT INTO quality.code_day (business_date, section, feed, record_type, code_count, wrong_count, shared_count)
WITH codes AS (
    SELECT
        {{ code }} AS code,
        min(quality.key_part({{ party }})) <> max(quality.key_part({{ party }})) AS is_shared
    FROM {{ staged }} AS staged
    INNER JOIN operation.intake AS intake ON staged.batch_id = intake.batch_id
    WHERE
        intake.feed = :feed
        AND intake.business_date = :business_date
        AND {{ code }} <> :placeholder
    GROUP BY {{ code }}
),

judged AS (
    SELECT
        is_shared,
        quality.is_uscc(code) AS is_right
    FROM codes
)

SELECT
    cast(:business_date AS date),
    owner.section,
    owner.feed,
    owner.record_type,
    count(*),
    count(*) FILTER (WHERE NOT judged.is_right),
    count(*) FILTER (WHERE judged.is_right AND judged.is_shared)
FROM judged
INNER JOIN operation.feed AS owner ON owner.feed = :feed
GROUP BY owner.section, owner.feed, owner.record_type
