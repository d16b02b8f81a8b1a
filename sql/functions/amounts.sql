-- Functions that read amounts of money out of Chinese text: 罚款人民币壹万元整, 2,000元, .15元, 2万元, 三千五百元.
--
-- Grain: one value. Repeatable: yes, they replace themselves. Parameters: none.

-- One number as it is written, in figures, in words or mixed (2万, 1.5亿, 壹万贰仟, 1万5千); NULL when it is none.
-- 十 without a figure before it is ten. Each unit below 万 multiplies what stands before it, 万 and 亿 the sum so far.
CREATE OR REPLACE FUNCTION quality.chinese_number(value text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    written CONSTANT text := translate(
        replace(value, ',', ''),
        '〇零一壹二贰貳两三叁四肆五伍六陆七柒八捌九玖拾佰仟萬億',
        '0011222233445566778899十百千万亿'
    );
    token text;
    total numeric := 0;
    section numeric := 0;
    figure numeric;
    unit numeric;
BEGIN
    IF written !~ '^([0-9]+([.][0-9]+)?|[.][0-9]+|[十百千万亿])+$' THEN
        RETURN NULL;
    END IF;
    FOR token IN SELECT hit[1] FROM regexp_matches(written, '[0-9]*[.]?[0-9]+|[十百千万亿]', 'g') AS hit LOOP
        unit := CASE token
            WHEN '十' THEN 10 WHEN '百' THEN 100 WHEN '千' THEN 1000 WHEN '万' THEN 10000 WHEN '亿' THEN 100000000
        END;
        IF unit IS NULL THEN
            figure := token::numeric;
        ELSIF unit < 10000 THEN
            section := section + coalesce(nullif(figure, 0), 1) * unit;
            figure := NULL;
        ELSIF unit = 10000 THEN
            total := total + (section + coalesce(figure, 0)) * unit;
            section := 0;
            figure := NULL;
        ELSE
            total := (total + section + coalesce(figure, 0)) * unit;
            section := 0;
            figure := NULL;
        END IF;
    END LOOP;
    RETURN trim_scale(total + section + coalesce(figure, 0));
END
$$;

-- Every amount of money in a text, in 元 and in the order of the text; an empty array when there is none.
-- 三元区 is a district and no three 元: the sign counts only where no word goes on from it.
CREATE OR REPLACE FUNCTION quality.yuan_in_text(value text) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    folded CONSTANT text := translate(value, '０１２３４５６７８９．，￥ 　', '0123456789.,¥');
    figures CONSTANT text := '〇零一壹二贰貳两三叁四肆五伍六陆七柒八捌九玖';
    hit text[];
    whole numeric;
    amounts numeric[] := '{}';
BEGIN
    IF folded !~ '[元圆]' THEN
        RETURN amounts;
    END IF;
    FOR hit IN
        SELECT regexp_matches(
            folded,
            '((?:[0-9]+(?:,[0-9]{3})*(?:[.][0-9]+)?|[.][0-9]+|[' || figures || '十拾百佰千仟万萬亿億])+)'
            || '余?[元圆](?![区素件旦宝明])(?:整|正)?(?:([0-9' || figures || '])角)?零?(?:([0-9' || figures || '])分)?',
            'g'
        )
    LOOP
        whole := quality.chinese_number(hit[1]);
        CONTINUE WHEN whole IS NULL;
        amounts := amounts || trim_scale(
            whole
            + coalesce(quality.chinese_number(hit[2]), 0) / 10
            + coalesce(quality.chinese_number(hit[3]), 0) / 100
        );
    END LOOP;
    RETURN amounts;
END
$$;

-- Whether an amount of 万元 is what a text says in 元: one of its amounts, or all of them together.
-- Most texts say 罚款20000元 as the column says 2; finding those words costs a tenth of reading the text.
CREATE OR REPLACE FUNCTION quality.is_told_in_yuan(amount numeric, word text, value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    yuan CONSTANT numeric := trim_scale(amount * 10000);
    told numeric[];
BEGIN
    IF strpos(value, word || yuan::text || '元') > 0 THEN
        RETURN TRUE;
    END IF;
    told := quality.yuan_in_text(value);
    IF told = '{}' THEN
        RETURN NULL;
    END IF;
    RETURN yuan = ANY(told) OR yuan = (SELECT sum(one) FROM unnest(told) AS one);
END
$$;
