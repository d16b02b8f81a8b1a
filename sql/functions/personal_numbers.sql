-- Functions that find telephone and bank card numbers, and numbers of identity documents, in text that may go public.
-- Resident numbers were replaced at the door (R33 finds their token); what the door could miss is sought here again.
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

-- Whether eighteen figures are a resident number down to its check figure (GB 11643, ISO 7064 MOD 11-2), with a
-- province and a day of birth.
CREATE OR REPLACE FUNCTION quality.is_resident_number(figures text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    province CONSTANT text := '(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])';
    born CONSTANT text := '(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])';
    remainder integer := 0;
BEGIN
    IF figures !~ concat('^', province, '[0-9]{4}', born, '[0-9]{3}[0-9Xx]$') THEN
        RETURN FALSE;
    END IF;
    FOR i IN 1..17 LOOP
        remainder := (remainder + substr(figures, i, 1)::integer) * 2 % 11;
    END LOOP;
    RETURN upper(right(figures, 1)) = substr('10X98765432', remainder + 1, 1);
END
$$;

-- Whether a text holds a resident number: of 18 figures with up to three signs between any two, and against letters or
-- another number, if its check figure is right; the same parted by single blanks or hyphens even if it is not; or one
-- of the first generation (15 digits with a day of birth, which are no registration number of an enterprise).
CREATE OR REPLACE FUNCTION quality.holds_resident_number(folded text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    gap CONSTANT text := '[\s\-._/·•・()（）\[\]【】－\u0085\u00a0\u00ad\u1680\u180e\u2000-\u2015\u2028-\u202f\u205f-\u206f\u20e3\u3000\ufe0e\ufe0f\ufeff]';
    born CONSTANT text := '(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])';
    parted CONSTANT text := '(^|[^0-9A-Za-z])([1-8]([ -]?[0-9]){16}[ -]?[0-9Xx])($|[^0-9A-Za-z])';
    spelt CONSTANT text := concat('(?<![0-9])[1-8](', gap, '{0,3}[0-9]){16}', gap, '{0,3}[0-9Xx](?=([0-9]{17}[0-9Xx])*($|[^0-9]))');
    place integer := 0;
BEGIN
    LOOP
        place := regexp_instr(folded, spelt, place + 1);
        EXIT WHEN place = 0;
        IF quality.is_resident_number(regexp_replace(regexp_substr(folded, spelt, place), gap, '', 'g')) THEN
            RETURN TRUE;
        END IF;
    END LOOP;
    RETURN EXISTS (
        SELECT FROM regexp_matches(folded, parted, 'g') AS hit
        WHERE translate(hit[2], ' -', '') ~ concat('^[0-9]{6}(19|20)[0-9]{2}', born, '[0-9]{3}[0-9Xx]$')
    ) OR EXISTS (
        SELECT FROM regexp_matches(folded, concat('(^|[^0-9A-Za-z])([1-8][0-9]{7}', born, '[0-9]{3})(?![0-9A-Za-z])'), 'g') AS hit
        WHERE NOT quality.is_registration_number(hit[2])
    );
END
$$;

-- Whether a text holds a mobile number, or a landline number with its area code. Blanks, hyphens and what nobody sees
-- may part them; points and slashes only all groups of a mobile number, since an amount has one point. A landline
-- number written together must begin as one does: the 11 or 12 figures may be a serial number's.
CREATE OR REPLACE FUNCTION quality.holds_telephone_number(folded text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    gap CONSTANT text := '[\s\-_·－\u00a0\u00ad\u2000-\u2015\u2028-\u202f\u205f-\u206f\u20e3\u3000\ufe0e\ufe0f\ufeff]';
    landline CONSTANT text := '((10|2[0-9])[)）]?@{0,3}[2-8][0-9]{3}@?[0-9]{4}|[3-9][0-9]{2}[)）]?@{0,3}[2-8][0-9]{2,3}@?[0-9]{4})($|[^0-9])';
    spelt CONSTANT text := concat(
        '(^|[^0-9])((\+|00)?86@{0,3})?1[3-9][0-9](@{0,3}[0-9]{4}@{0,3}[0-9]{4}|[./][0-9]{4}[./][0-9]{4})($|[^0-9])',
        '|(^|[^0-9])[(（]?0[0-9]{2,3}[)）]?@{1,3}[0-9]{7,8}($|[^0-9])',
        '|((^|[^0-9A-Za-z.]|[Tt][Ee][Ll])0|(\+|00)86@{0,3}[(（]?0?[)）]?)', landline
    );
BEGIN
    RETURN folded ~ replace(spelt, '@', gap);
END
$$;

-- Whether a text holds the number of a passport or of a permit to enter the mainland; alone they look like any number,
-- so the document must be named beside it.
CREATE OR REPLACE FUNCTION quality.holds_passport_number(folded text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    RETURN strpos(folded, '护照') > 0
        AND folded ~ '护照[^0-9A-Za-z]{0,12}([A-Za-z]{1,2}[0-9]{3,4}[ -]?[0-9]{4}|[0-9]{9})($|[^0-9])|(^|[^0-9A-Za-z])[A-Za-z]{1,2}[0-9]{7,8}[^0-9A-Za-z]{0,6}护照'
        OR folded ~ '(通行证|回乡证|台胞证)' AND (
            folded ~ '证[^0-9A-Za-z]{0,12}[HMChmc][A-Za-z]?[0-9]{3,4}[ -]?[0-9]{4}([ -]?[0-9]{2})?($|[^0-9])'
            OR folded ~ '(^|[^0-9A-Za-z])[HMChmc][A-Za-z]?[0-9]{7,10}[^0-9A-Za-z]{0,12}[行乡]证'
            OR folded ~ '(大陆通行证|台胞证)[^0-9A-Za-z]{0,12}(?!19|20)[0-9]{8}($|[^0-9])'
        );
END
$$;

-- Whether a text whose figures are plain ones holds any of these numbers.
CREATE OR REPLACE FUNCTION quality.holds_plain_number(folded text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    card text;
BEGIN
    IF quality.holds_telephone_number(folded)
        OR quality.holds_resident_number(folded)
        OR quality.holds_passport_number(folded) THEN
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

-- Whether a text holds a mobile number, a landline number with its area code, a bank card number, or the number of an
-- identity document in whatever spelling.
-- Most prose holds no eight signs in a row that are not Chinese, which is found quickly; the rules' screen
-- (quality/screens.py) asks the same of all texts of a row.
-- Figures of other scripts count too: those with which numbers are written, then those that mark items (①), which must
-- not be taken for a further figure of the number beside them.
CREATE OR REPLACE FUNCTION quality.holds_personal_number(value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    folded text;
BEGIN
    IF value !~ '[^|、-》一-龥，：；]{8}' OR value !~ '[0-9０-９٠-٩۰-۹०-९༠-༩᠐-᠙²³¹⁰-⁹₀-₉①-⑨⓪𝟎-𝟿]([\s\-._/·•・()（）\[\]【】－\u0085\u00a0\u00ad\u1680\u180e\u2000-\u2015\u2028-\u202f\u205f-\u206f\u20e3\u3000\ufe0e\ufe0f\ufeff]*[0-9０-９٠-٩۰-۹०-९༠-༩᠐-᠙²³¹⁰-⁹₀-₉①-⑨⓪𝟎-𝟿]){9}|护照|通行证|回乡证|台胞证' THEN
        RETURN FALSE;
    END IF;
    folded := translate(value, '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९༠༡༢༣༤༥༦༧༨༩᠐᠑᠒᠓᠔᠕᠖᠗᠘᠙－　', concat(repeat('0123456789', 6), '- '));
    IF quality.holds_plain_number(folded) THEN
        RETURN TRUE;
    END IF;
    RETURN value ~ '[²³¹⁰-⁹₀-₉①-⑨⓪𝟎-𝟿]'
        AND quality.holds_plain_number(normalize(folded, NFKC));
END
$$;
