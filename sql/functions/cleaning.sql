-- Functions that clean what a business system delivered; the value as received stays in landing.
--
-- Grain: one value. Repeatable: yes, they replace themselves. Parameters: none.
-- All are immutable and parallel safe, so that one pass over a batch may use every core, and strict, so that a blank
-- costs nothing. They are written in PL/pgSQL because an SQL function that cannot be inlined costs ten times as much.

-- Trim half- and full-width blanks and line ends; words that mean "nothing" become NULL, in either width and with or
-- without signs around them that nobody sees, and so do strokes alone, however many. Signs unseen around anything else
-- stay, for rule R31 to tell.
CREATE OR REPLACE FUNCTION quality.plain(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    trimmed CONSTANT text := btrim(value, U&'\0009\000A\000D\0020\3000\00A0\FEFF');
    word CONSTANT text := btrim(
        trimmed,
        U&'\0009\000A\000D\0020\3000\00A0\FEFF\00AD\200B\200C\200D\200E\200F\202A\202B\202C\202D\202E'
        || U&'\2060\2061\2062\2063\2064\2066\2067\2068\2069'
    );
BEGIN
    IF ltrim(word, '/-—\／－＼') = '' OR (
        octet_length(word) <= 12
        AND lower(translate(word, 'ＮＵＬＯＥＡｎｕｌｏｅａ', 'NULOEAnuloea')) IN ('无', 'null', 'none', 'nan', '空', '暂无')
    ) THEN
        RETURN NULL;
    END IF;
    RETURN trimmed;
END
$$;

-- The same, and full-width letters, digits and signs become half-width: for codes, numbers, dates and code words.
CREATE OR REPLACE FUNCTION quality.folded(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    RETURN quality.plain(
        translate(
            value,
            '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ．，；／－',
            '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,;/-'
        )
    );
END
$$;

-- A date in the spellings 2026/11/3, 2026-11-03, 2026.11.3, 2026年11月3日 and 20261103; NULL when it is none of
-- these or cannot exist.
-- No pattern refers back to its own match: that would cost five times as much as naming each separator.
CREATE OR REPLACE FUNCTION quality.to_date(value text) RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    written text;
    month int;
    day int;
BEGIN
    IF value ~ '^(19|20|21)[0-9][0-9](-[0-9][0-9]-|/[0-9][0-9]/|[.][0-9][0-9][.])[0-9][0-9]$' THEN
        written := value;
    ELSIF value ~ '^(19|20|21)[0-9]{2}(-[0-9]{1,2}-|/[0-9]{1,2}/|[.][0-9]{1,2}[.]|年[0-9]{1,2}月)[0-9]{1,2}日?$'
        AND (value LIKE '%日') = (value LIKE '%年%') THEN
        written := concat(
            left(value, 4),
            '-', lpad(split_part(translate(value, '/.年月日', '----'), '-', 2), 2, '0'),
            '-', lpad(split_part(translate(value, '/.年月日', '----'), '-', 3), 2, '0')
        );
    ELSIF value ~ '^(19|20|21)[0-9]{6}$' THEN
        written := concat(left(value, 4), '-', substr(value, 5, 2), '-', right(value, 2));
    ELSIF value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]00:00:00$' THEN
        written := left(value, 10);
    ELSE
        RETURN NULL;
    END IF;
    month := substr(written, 6, 2);
    day := right(written, 2);
    IF month NOT BETWEEN 1 AND 12 OR day NOT BETWEEN 1 AND 31 THEN
        RETURN NULL;
    END IF;
    IF day > 28 AND day > extract(
        DAY FROM make_date(left(written, 4)::int, month, 1) + interval '1 month' - interval '1 day'
    ) THEN
        RETURN NULL;
    END IF;
    RETURN make_date(left(written, 4)::int, month, day);
END
$$;

-- An amount such as 0.2 or 1,234.5; NULL when it is none. The unit is the field's (万元).
CREATE OR REPLACE FUNCTION quality.to_amount(value text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    IF value ~ '^-?([0-9]{1,13}([.][0-9]{1,12})?|[.][0-9]{1,12})$' THEN
        RETURN trim_scale(value::numeric);
    ELSIF value ~ '^-?[0-9]{1,3}(,[0-9]{3})+([.][0-9]{1,12})?$' THEN
        RETURN trim_scale(replace(value, ',', '')::numeric);
    END IF;
    RETURN NULL;
END
$$;

-- The words of a code table: parts between separators trimmed, blank ones left out, other spellings replaced by the
-- table's own words as they stood on the day of the decision, each word once. What is not known stays as it is.
-- spelt[n] becomes meant[n] for decisions between since[n] and until[n]; a spelling with dates needs a known date.
CREATE OR REPLACE FUNCTION quality.code_words(
    value text, decided date, separator text, spelt text[], meant text[], since date[], until date[]
) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    part text;
    word text;
    known int;
    found text [] := '{}';
BEGIN
    IF value IS NULL THEN
        RETURN NULL;
    END IF;
    FOREACH part IN ARRAY CASE WHEN separator IS NULL THEN ARRAY[value] ELSE string_to_array(value, separator) END
    LOOP
        part := btrim(part, U&'\0009\000A\000D\0020\3000\00A0');
        FOREACH known IN ARRAY array_positions(spelt, part)
        LOOP
            IF (since[known] IS NULL OR decided >= since[known]) AND (until[known] IS NULL OR decided <= until[known])
            THEN
                part := meant[known];
                EXIT;
            END IF;
        END LOOP;
        FOREACH word IN ARRAY CASE WHEN separator IS NULL THEN ARRAY[part] ELSE string_to_array(part, separator) END
        LOOP
            IF word <> '' AND word <> ALL (found) THEN
                found := found || word;
            END IF;
        END LOOP;
    END LOOP;
    RETURN nullif(array_to_string(found, coalesce(separator, '')), '');
END
$$;

-- A time as systems write it, to the day, minute or second, with or without an offset; NULL when it is none.
-- Without an offset it is the session's own zone, which is why this function is no more than stable.
CREATE OR REPLACE FUNCTION quality.to_moment(value text) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT AS $$
DECLARE
    written CONSTANT text := replace(value, 'T', ' ');
BEGIN
    IF quality.to_date(split_part(written, ' ', 1)) IS NULL OR written !~ concat(
        '^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}',
        '( ([01]?[0-9]|2[0-3])(:[0-5][0-9]){1,2}([.][0-9]{1,9})?( ?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9]))?)?$'
    ) THEN
        RETURN NULL;
    END IF;
    RETURN written::timestamptz;
END
$$;

-- The form in which a part of a business key is compared: brackets of one kind, no blanks, upper case.
-- Translating costs as much as there are signs to look for, for each character; nearly all texts hold no brackets but
-- the 〔〕 of a document's number, and replacing these two costs a fifth.
CREATE OR REPLACE FUNCTION quality.key_part(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT upper(
        CASE
            WHEN value ~ '[]（）()[【】［］ 　]' THEN translate(value, '（）()[]【】〔〕［］ 　', '⟨⟩⟨⟩⟨⟩⟨⟩⟨⟩⟨⟩')
            ELSE replace(replace(value, '〔', '⟨'), '〕', '⟩')
        END
    )
$$;
