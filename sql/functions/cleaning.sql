-- Functions that clean what a business system delivered; the value as received stays in landing.
--
-- Grain: one value. Repeatable: yes, they replace themselves. Parameters: none.
-- All are immutable and parallel safe, so that one pass over a batch may use every core.

-- Trim half- and full-width blanks and line ends; words that mean "nothing" become NULL.
CREATE OR REPLACE FUNCTION quality.plain(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN value IS NULL THEN NULL
        WHEN length(value) > 8 THEN
            CASE
                WHEN left(value, 1) > U&'\0020' AND left(value, 1) NOT IN (U&'\3000', U&'\00A0', U&'\FEFF')
                    AND right(value, 1) > U&'\0020' AND right(value, 1) NOT IN (U&'\3000', U&'\00A0', U&'\FEFF')
                    THEN value
                ELSE nullif(btrim(value, U&'\0009\000A\000D\0020\3000\00A0\FEFF'), '')
            END
        WHEN lower(btrim(value, U&'\0009\000A\000D\0020\3000\00A0\FEFF'))
            IN ('', '无', '/', '-', '—', '--', '——', '\', 'null', 'none', 'nan', '空', '暂无') THEN NULL
        ELSE btrim(value, U&'\0009\000A\000D\0020\3000\00A0\FEFF')
    END
$$;

-- The same, and full-width letters, digits and signs become half-width: for codes, numbers, dates and code words.
CREATE OR REPLACE FUNCTION quality.folded(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT quality.plain(
        CASE
            WHEN octet_length(value) = length(value) THEN value
            ELSE translate(
                value,
                '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ．，；／－',
                '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,;/-'
            )
        END
    )
$$;

-- A date in the spellings 2026/11/3, 2026-11-03, 2026.11.3, 2026年11月3日 and 20261103; NULL when it is none or cannot exist.
CREATE OR REPLACE FUNCTION quality.to_date(value text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN parts IS NULL THEN NULL
        WHEN parts[1]::int < 1900 OR parts[1]::int > 2199 OR parts[2]::int NOT BETWEEN 1 AND 12 THEN NULL
        WHEN parts[3]::int BETWEEN 1 AND extract(
            DAY FROM make_date(parts[1]::int, parts[2]::int, 1) + interval '1 month' - interval '1 day'
        )::int
            THEN make_date(parts[1]::int, parts[2]::int, parts[3]::int)
    END
    FROM (
        SELECT CASE
            WHEN value ~ '^[0-9]{8}$' THEN ARRAY[left(value, 4), substr(value, 5, 2), right(value, 2)]
            WHEN value ~ '^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日$'
                THEN string_to_array(translate(value, '年月日', '--'), '-')
            WHEN value ~ '^[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}$'
                THEN string_to_array(translate(value, '/.', '--'), '-')
            WHEN value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]00:00:00$' THEN string_to_array(left(value, 10), '-')
        END AS parts
    ) AS read
$$;

-- An amount such as 0.2 or 1,234.5; NULL when it is none. The unit is the field's (万元).
CREATE OR REPLACE FUNCTION quality.to_amount(value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN value ~ '^-?[0-9]{1,13}([.][0-9]{1,12})?$' OR value ~ '^-?[.][0-9]{1,12}$' THEN trim_scale(value::numeric)
        WHEN value ~ '^-?[0-9]{1,3}(,[0-9]{3})+([.][0-9]{1,12})?$' THEN trim_scale(replace(value, ',', '')::numeric)
    END
$$;

-- The form in which a part of a business key is compared: brackets of one kind, no blanks, upper case.
CREATE OR REPLACE FUNCTION quality.key_part(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT upper(translate(value, '（）()[]【】〔〕［］ 　', '⟨⟩⟨⟩⟨⟩⟨⟩⟨⟩⟨⟩'))
$$;
