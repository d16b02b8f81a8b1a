-- Whether a text is a unified social credit code of GB 32100: alphabet, authority, division, check character.
--
-- Grain: one text. The placeholder of 17 zeros and X is not a code; rules that allow it say so.
-- Repeatable: replaces the function. Agrees with xinyong.identifiers.is_uscc on every text (a test compares them).
-- Parameters: none. `value` holds the value of each sign from 0 (48) to Y (89).

CREATE OR REPLACE FUNCTION quality.is_uscc(code text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    value CONSTANT bytea := '\x00010203040506070809000000000000000a0b0c0d0e0f101100121314151600171819001a1b001c1d1e';
    b bytea;
BEGIN
    IF octet_length(code) <> 18 OR code !~ '^[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' THEN
        RETURN FALSE;
    END IF;
    b := convert_to(code, 'UTF8');
    RETURN (
        get_byte(value, get_byte(b, 0) - 48) + get_byte(value, get_byte(b, 1) - 48) * 3
        + get_byte(value, get_byte(b, 2) - 48) * 9 + get_byte(value, get_byte(b, 3) - 48) * 27
        + get_byte(value, get_byte(b, 4) - 48) * 19 + get_byte(value, get_byte(b, 5) - 48) * 26
        + get_byte(value, get_byte(b, 6) - 48) * 16 + get_byte(value, get_byte(b, 7) - 48) * 17
        + get_byte(value, get_byte(b, 8) - 48) * 20 + get_byte(value, get_byte(b, 9) - 48) * 29
        + get_byte(value, get_byte(b, 10) - 48) * 25 + get_byte(value, get_byte(b, 11) - 48) * 13
        + get_byte(value, get_byte(b, 12) - 48) * 8 + get_byte(value, get_byte(b, 13) - 48) * 24
        + get_byte(value, get_byte(b, 14) - 48) * 10 + get_byte(value, get_byte(b, 15) - 48) * 30
        + get_byte(value, get_byte(b, 16) - 48) * 28 + get_byte(value, get_byte(b, 17) - 48)
    ) % 31 = 0;
END
$$;
