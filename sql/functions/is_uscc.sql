-- Whether a text is a unified social credit code of GB 32100: alphabet, authority, division, check character.
--
-- Grain: one text. The placeholder of 17 zeros and X is not a code; rules that allow it say so.
-- Repeatable: replaces the function. Agrees with xinyong.identifiers.is_uscc on every text (a test compares them).
-- Parameters: none. The alphabet is written as 31 neighbours of ASCII, from A (65) on, so that a byte tells its value.

CREATE OR REPLACE FUNCTION quality.is_uscc(code text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    b bytea;
BEGIN
    IF octet_length(code) <> 18 OR code !~ '^[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' THEN
        RETURN FALSE;
    END IF;
    b := convert_to(
        translate(code, '0123456789ABCDEFGHJKLMNPQRTUWXY', E'ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_'), 'UTF8'
    );
    -- 19890 is 65 times the sum of all weights, 306
    RETURN (
        get_byte(b, 0) + get_byte(b, 1) * 3 + get_byte(b, 2) * 9 + get_byte(b, 3) * 27
        + get_byte(b, 4) * 19 + get_byte(b, 5) * 26 + get_byte(b, 6) * 16 + get_byte(b, 7) * 17
        + get_byte(b, 8) * 20 + get_byte(b, 9) * 29 + get_byte(b, 10) * 25 + get_byte(b, 11) * 13
        + get_byte(b, 12) * 8 + get_byte(b, 13) * 24 + get_byte(b, 14) * 10 + get_byte(b, 15) * 30
        + get_byte(b, 16) * 28 + get_byte(b, 17) - 19890
    ) % 31 = 0;
END
$$;
