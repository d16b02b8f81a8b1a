-- Name what decides about each record type of a platform, so that a delta sees when something else decides than before.
--
-- Grain: one row per record type. Repeatable: reads only. Parameters: :platform, :record_types, :rules
-- In it: the gate's views with all they know of the catalogue, the functions they may call, feeds and who prevails, the
-- statements of the delta itself, the structure, and the server, because its numbers of transactions are its own.

SELECT
    asked.record_type,
    encode(sha256(convert_to(concat_ws(
        chr(31),
        cast(:rules AS text),
        (SELECT server.system_identifier FROM pg_control_system() AS server),
        (SELECT structure.version_num FROM public.xinyong_migration AS structure),
        (
            SELECT string_agg(concat(viewed.relname, pg_get_viewdef(viewed.oid)), chr(30) ORDER BY viewed.relname)
            FROM pg_class AS viewed
            INNER JOIN pg_namespace AS space ON viewed.relnamespace = space.oid
            WHERE
                viewed.relkind = 'v'
                AND (
                    (space.nspname = 'publication' AND viewed.relname = any(ARRAY[
                        concat_ws('_', 'gate', :platform, asked.record_type),
                        concat_ws('_', 'ending', :platform, asked.record_type),
                        concat_ws('_', 'touched', :platform, asked.record_type)
                    ]))
                    OR (space.nspname = 'warehouse' AND viewed.relname = any(ARRAY[
                        concat(asked.record_type, '_current'), 'subject_current', 'standing'
                    ]))
                )
        ),
        (
            SELECT string_agg(concat(called.proname, called.prosrc), chr(30) ORDER BY called.proname, called.oid)
            FROM pg_proc AS called
            INNER JOIN pg_namespace AS space ON called.pronamespace = space.oid
            WHERE space.nspname IN ('publication', 'quality', 'warehouse')
        ),
        (
            SELECT string_agg(concat_ws(chr(29), feed.feed, feed.precedence), chr(30) ORDER BY feed.feed)
            FROM operation.feed AS feed
            WHERE feed.record_type IN (asked.record_type, 'subject')
        )
    ), 'UTF8')), 'hex') AS definition
FROM unnest(cast(:record_types AS text[])) AS asked (record_type)
