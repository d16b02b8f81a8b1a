-- Say which of some texts hold a telephone or bank card number, or an identity number in an unusual spelling.
--
-- Grain: one row per such text: its place among them. Repeatable: reads only. Parameters: :texts

SELECT given.place
FROM unnest(cast(:texts AS text[])) WITH ORDINALITY AS given (words, place)
WHERE quality.holds_personal_number(given.words)
ORDER BY given.place
