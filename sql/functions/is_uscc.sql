-- Whether a text is a unified social credit code of GB 32100: alphabet, authority, division, check character.
--
-- Grain: one text. The placeholder of 17 zeros and X is not a code; rules that allow it say so.
-- Repeatable: replaces the function. Agrees with xinyong.identifiers.is_uscc on every text (a test compares them).
-- Parameters: none. Values of characters are looked up by their ASCII code; -1 marks those that the alphabet lacks.

CREATE OR REPLACE FUNCTION quality.is_uscc(code text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    -- positions 48 ('0') to 89 ('Y')
    v CONSTANT integer[] := '[48:89]={0,1,2,3,4,5,6,7,8,9,-1,-1,-1,-1,-1,-1,-1,10,11,12,13,14,15,16,17,-1,18,19,20,21,22,-1,23,24,25,-1,26,27,-1,28,29,30}';
    b bytea;
BEGIN
    IF code !~ '^[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' OR octet_length(code) <> 18 THEN
        RETURN FALSE;
    END IF;
    b := code::bytea;
    RETURN (
        v[get_byte(b, 0)] + v[get_byte(b, 1)] * 3 + v[get_byte(b, 2)] * 9 + v[get_byte(b, 3)] * 27
        + v[get_byte(b, 4)] * 19 + v[get_byte(b, 5)] * 26 + v[get_byte(b, 6)] * 16 + v[get_byte(b, 7)] * 17
        + v[get_byte(b, 8)] * 20 + v[get_byte(b, 9)] * 29 + v[get_byte(b, 10)] * 25 + v[get_byte(b, 11)] * 13
        + v[get_byte(b, 12)] * 8 + v[get_byte(b, 13)] * 24 + v[get_byte(b, 14)] * 10 + v[get_byte(b, 15)] * 30
        + v[get_byte(b, 16)] * 28 + v[get_byte(b, 17)]
    ) % 31 = 0;
END
$$;
