-- Whether a text is a registration number of GS 15 (15 digits, ISO 7064 mod 11,10) or one of 13 digits from before.
--
-- Grain: one text.
-- Repeatable: replaces the function. Agrees with xinyong.identifiers.is_registration_number (a test compares them).
-- Parameters: none.

CREATE OR REPLACE FUNCTION quality.is_registration_number(code text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    -- next[10 * carry + digit + 1] is the carry after this digit; carry 10 is written as carry 0
    next CONSTANT integer[] := '{9,2,4,6,8,10,1,3,5,7,2,4,6,8,10,1,3,5,7,9,4,6,8,10,1,3,5,7,9,2,6,8,10,1,3,5,7,9,2,4,8,10,1,3,5,7,9,2,4,6,10,1,3,5,7,9,2,4,6,8,1,3,5,7,9,2,4,6,8,10,3,5,7,9,2,4,6,8,10,1,5,7,9,2,4,6,8,10,1,3,7,9,2,4,6,8,10,1,3,5}';
    b bytea;
    carry integer := 10;
BEGIN
    IF code !~ '^([0-9]{13}|[0-9]{15})$' OR octet_length(code) > 15 THEN
        RETURN FALSE;
    END IF;
    IF octet_length(code) = 13 THEN
        RETURN TRUE;
    END IF;
    b := code::bytea;
    FOR i IN 0..13 LOOP
        carry := next[carry % 10 * 10 + get_byte(b, i) - 47];
    END LOOP;
    RETURN (carry + get_byte(b, 14) - 48) % 10 = 1;
END
$$;
