-- Functions that find telephone and bank card numbers in text that may go public.
--
-- Grain: one value. Repeatable: yes, they replace themselves. Parameters: none.

-- Whether the last figure of a number is its check figure by Luhn's rule, as on bank cards.
CREATE OR REPLACE FUNCTION quality.is_luhn(figures text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    total integer := 0;
    figure integer;
BEGIN
    FOR i IN 1..length(figures) LOOP
        figure := substr(figures, length(figures) - i + 1, 1);
        total := total + CASE WHEN i % 2 = 1 THEN figure ELSE figure * 2 / 10 + figure * 2 % 10 END;
    END LOOP;
    RETURN total % 10 = 0;
END
$$;

-- Whether a text holds a mobile number, a landline number with its area code, or a bank card number.
-- Figures count in full width too, and in groups parted by a blank or a hyphen.
CREATE OR REPLACE FUNCTION quality.holds_personal_number(value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    folded text;
    card text;
BEGIN
    IF value !~ '[0-9０-９][ 　0-9０-９-]{5,}[0-9０-９]' THEN
        RETURN FALSE;
    END IF;
    folded := translate(value, '０１２３４５６７８９－　', '0123456789- ');
    IF folded ~ '(^|[^0-9])(\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}($|[^0-9])'
        OR folded ~ '(^|[^0-9])[(（]?0[0-9]{2,3}[)）]?[ -][0-9]{7,8}($|[^0-9])' THEN
        RETURN TRUE;
    END IF;
    FOR card IN
        SELECT translate(hit[2], ' -', '')
        FROM regexp_matches(folded, '(^|[^0-9])([3-6][0-9]{3}(?:[ -]?[0-9]{4}){3}(?:[ -]?[0-9]{1,3})?)(?![0-9])', 'g')
            AS hit
    LOOP
        IF quality.is_luhn(card) THEN
            RETURN TRUE;
        END IF;
    END LOOP;
    RETURN FALSE;
END
$$;
