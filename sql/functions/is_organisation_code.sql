-- Whether a text is an organisation code of GB 11714: eight characters, an optional hyphen and a check character.
--
-- Grain: one text.
-- Repeatable: replaces the function. Agrees with xinyong.identifiers.is_organisation_code (a test compares them).
-- Parameters: none. A check value of 10 is written X, one of 11 is written 0.

CREATE OR REPLACE FUNCTION quality.is_organisation_code(code text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    b bytea;
    total integer;
BEGIN
    IF code !~ '^[0-9A-Z]{8}-?[0-9X]$' OR octet_length(code) > 10 THEN
        RETURN FALSE;
    END IF;
    b := code::bytea;
    -- '0' is 48 and counts 0, 'A' is 65 and counts 10
    total := 0;
    total := (get_byte(b, 0) - CASE WHEN get_byte(b, 0) < 65 THEN 48 ELSE 55 END) * 3
        + (get_byte(b, 1) - CASE WHEN get_byte(b, 1) < 65 THEN 48 ELSE 55 END) * 7
        + (get_byte(b, 2) - CASE WHEN get_byte(b, 2) < 65 THEN 48 ELSE 55 END) * 9
        + (get_byte(b, 3) - CASE WHEN get_byte(b, 3) < 65 THEN 48 ELSE 55 END) * 10
        + (get_byte(b, 4) - CASE WHEN get_byte(b, 4) < 65 THEN 48 ELSE 55 END) * 5
        + (get_byte(b, 5) - CASE WHEN get_byte(b, 5) < 65 THEN 48 ELSE 55 END) * 8
        + (get_byte(b, 6) - CASE WHEN get_byte(b, 6) < 65 THEN 48 ELSE 55 END) * 4
        + (get_byte(b, 7) - CASE WHEN get_byte(b, 7) < 65 THEN 48 ELSE 55 END) * 2;
    RETURN substr('0123456789X0', 12 - total % 11, 1) = right(code, 1);
END
$$;
