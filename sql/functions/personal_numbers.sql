-- Functions that find telephone and bank card numbers, and identity numbers in unusual spellings, in text that may go
-- public. Identity numbers as they are usually written were replaced at the door (R33 finds their token).
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

-- Whether a text holds a resident number parted by blanks or hyphens (18 places), or one of the first generation
-- (15 digits with a day of birth, which are no registration number of an enterprise).
CREATE OR REPLACE FUNCTION quality.holds_resident_number(folded text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    born CONSTANT text := '(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])';
    parted CONSTANT text := '(^|[^0-9A-Za-z])([1-8]([ -]?[0-9]){16}[ -]?[0-9Xx])($|[^0-9A-Za-z])';
BEGIN
    RETURN EXISTS (
        SELECT FROM regexp_matches(folded, parted, 'g') AS hit
        WHERE translate(hit[2], ' -', '') ~ concat('^[0-9]{6}(19|20)[0-9]{2}', born, '[0-9]{3}[0-9Xx]$')
    ) OR EXISTS (
        SELECT FROM regexp_matches(folded, concat('(^|[^0-9A-Za-z])([1-8][0-9]{7}', born, '[0-9]{3})(?![0-9A-Za-z])'), 'g') AS hit
        WHERE NOT quality.is_registration_number(hit[2])
    );
END
$$;

-- Whether a text holds a mobile number, a landline number with its area code, a bank card number, or an
-- identity number in an unusual spelling.
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
        OR folded ~ '(^|[^0-9])[(（]?0[0-9]{2,3}[)）]?[ -][0-9]{7,8}($|[^0-9])'
        OR quality.holds_resident_number(folded) THEN
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
