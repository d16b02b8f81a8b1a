-- Keep what each date came to: first receipts, timeliness, the state of each feed, and counts of checks.
--
-- Grain: counts per date, never shares; thresholds apply when they are read. Repeatable: no, Alembic runs it once.
-- Parameters: none.

-- The night in which a platform was first known to show a record; what was accepted before this table counts by its
-- message's date.
CREATE TABLE publication.first_receipt (
    platform text NOT NULL,
    record_type text NOT NULL,
    record_id uuid NOT NULL,
    business_date date NOT NULL,
    PRIMARY KEY (platform, record_type, record_id)
);

INSERT INTO publication.first_receipt (platform, record_type, record_id, business_date)
SELECT
    item.platform,
    item.record_type,
    item.record_id,
    min(message.business_date)
FROM publication.item AS item
INNER JOIN publication.message AS message ON item.platform = message.platform AND item.number = message.number
WHERE item.state = 'accepted' AND item.operation <> 'withdraw'
GROUP BY item.platform, item.record_type, item.record_id;

-- How the records of a section stood on a date with one platform; `reported_` counts those first accepted that night.
CREATE TABLE quality.timeliness_day (
    business_date date NOT NULL,
    platform text NOT NULL,
    section text NOT NULL,
    feed text NOT NULL,
    record_type text NOT NULL,
    on_time bigint NOT NULL,
    in_time bigint NOT NULL,
    at_risk bigint NOT NULL,
    late bigint NOT NULL,
    late_at_source bigint NOT NULL,
    undated bigint NOT NULL,
    provisional bigint NOT NULL,
    late_strictly bigint NOT NULL,
    reported bigint NOT NULL,
    reported_on_time bigint NOT NULL,
    reported_on_time_strictly bigint NOT NULL,
    reported_late_at_source bigint NOT NULL,
    PRIMARY KEY (business_date, platform, feed)
);

-- "No data this month", said by a section.
CREATE TABLE operation.nil_declaration (
    feed text NOT NULL,
    month date NOT NULL CHECK (extract(DAY FROM month) = 1),
    person text NOT NULL,
    reason text NOT NULL,
    declared_on date NOT NULL,
    PRIMARY KEY (feed, month)
);

-- What a feed's deliveries looked like on a date, with the sentence a clerk reads.
CREATE TABLE operation.feed_state (
    business_date date NOT NULL,
    feed text NOT NULL,
    state text NOT NULL CHECK (
        state IN ('fresh', 'quiet', 'declared', 'stale', 'shrunken', 'empty', 'missed', 'failed')
    ),
    sentence text NOT NULL,
    quiet_days int,
    usual_days int,
    row_count bigint,
    previous_row_count bigint,
    PRIMARY KEY (business_date, feed)
);

-- What the rules of one dimension came to on what a feed held on a date. `error` is neither passed nor failed.
CREATE TABLE quality.score_day (
    business_date date NOT NULL,
    section text NOT NULL,
    feed text NOT NULL,
    record_type text NOT NULL,
    dimension text NOT NULL,
    rules_passed bigint NOT NULL,
    rules_failed bigint NOT NULL,
    rules_not_applicable bigint NOT NULL,
    rules_error bigint NOT NULL,
    applied_count bigint NOT NULL,
    failed_count bigint NOT NULL,
    row_count bigint NOT NULL,
    failed_row_count bigint NOT NULL,
    PRIMARY KEY (business_date, feed, dimension)
);

-- What a receiver counts besides: items told and accepted, and records linked to a subject.
CREATE TABLE quality.receiver_day (
    business_date date NOT NULL,
    platform text NOT NULL,
    metric text NOT NULL CHECK (metric IN ('storage', 'compliance', 'linkage')),
    section text NOT NULL,
    feed text NOT NULL,
    record_type text NOT NULL,
    good_count bigint NOT NULL,
    all_count bigint NOT NULL,
    PRIMARY KEY (business_date, platform, metric, feed)
);
