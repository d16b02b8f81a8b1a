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
-- 三元区 is a district and no three 元: the sign counts only where no word goes on from it, and 块 only where nothing
-- does, for that counts things too. Behind 人民币 or ¥ a number needs no sign.
CREATE OR REPLACE FUNCTION quality.yuan_in_text(value text) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    folded CONSTANT text := translate(value, '０１２３４５６７８９．，￥ 　', '0123456789.,¥');
    figures CONSTANT text := '〇零一壹二贰貳两三叁四肆五伍六陆七柒八捌九玖';
    written CONSTANT text :=
        '((?:[0-9]+(?:,[0-9]{3})*(?:[.][0-9]+)?|[.][0-9]+|[' || figures || '十拾百佰千仟万萬亿億])+)';
    hit text[];
    whole numeric;
    amounts numeric[] := '{}';
BEGIN
    IF folded !~ '[元圆块¥]|人民币' THEN
        RETURN amounts;
    END IF;
    FOR hit IN
        SELECT regexp_matches(
            folded,
            '(?:¥|人民币)?' || written
            || '余?(?:[元圆](?![区素件旦宝明])|块(?=钱|[，,；;。、）)]|$))'
            || '(?:整|正)?(?:([0-9' || figures || '])角)?零?(?:([0-9' || figures || '])分)?'
            || '|(?:¥|人民币)' || written,
            'g'
        )
    LOOP
        whole := quality.chinese_number(coalesce(hit[1], hit[4]));
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

-- Of a text that speaks of a fine and of what is confiscated, the part that is about one of them (a word that begins
-- with 没收, or any other for the fine). An amount belongs to the word before it, but 2000元的罚款 to that behind it.
CREATE OR REPLACE FUNCTION quality.part_about(word text, value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    IF strpos(value, '没收') = 0 OR strpos(value, '罚款') = 0 THEN
        RETURN value;
    END IF;
    RETURN regexp_replace(
        regexp_replace(value, '([^，,；;。、元圆罚没]*[0-9０-９.．,，万]*[元圆](?:整|正)?)的?罚款', '罚款\1', 'g'),
        CASE WHEN starts_with(word, '没收') THEN '罚款[^没]*' ELSE '没收[^罚]*' END,
        '',
        'g'
    );
END
$$;

-- The text without what says an amount once more: in brackets, or behind 大写 or 小写.
CREATE OR REPLACE FUNCTION quality.said_once(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN regexp_replace(value, '[（(][^（）()]*[）)]|[大小]写[^，；;。]*', '', 'g');

-- The one amount in 元 that a text tells about a word (罚款, 没收违法所得); NULL where it does not speak of it, tells no
-- amount or several, or has it reckoned (货值5万元2倍的罚款, 5万元以下): what a person must read is not guessed.
CREATE OR REPLACE FUNCTION quality.yuan_told_once(word text, value text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    about CONSTANT text := quality.part_about(word, value);
    reckoned CONSTANT text := '(倍|[%％‰]|分之|以[上下]|不超过)';
    told numeric[];
BEGIN
    IF strpos(value, word) = 0 OR about ~ ('[元圆块¥￥][^，,；;。]*' || reckoned || '|' || reckoned || '[^，,；;。]*[元圆块¥￥]') THEN
        RETURN NULL;
    END IF;
    told := quality.yuan_in_text(quality.said_once(about));
    IF told = '{}' THEN
        told := quality.yuan_in_text(about);
    END IF;
    RETURN CASE WHEN cardinality(told) = 1 THEN told[1] END;
END
$$;

-- Whether an amount of 万元 is what a text says in 元 behind a word: one of its amounts, or all of them together.
-- What says the same once more is not added.
-- Most texts say 罚款20000元 as the column says 2; finding those words costs a tenth of reading the text.
CREATE OR REPLACE FUNCTION quality.is_told_in_yuan(amount numeric, word text, value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    yuan CONSTANT numeric := trim_scale(amount * 10000);
    about text;
    told numeric[];
    once numeric[];
BEGIN
    IF strpos(value, word || yuan::text || '元') > 0 THEN
        RETURN TRUE;
    END IF;
    about := quality.part_about(word, value);
    told := quality.yuan_in_text(about);
    IF told = '{}' AND about <> value THEN
        about := value;
        told := quality.yuan_in_text(about);
    END IF;
    IF told = '{}' THEN
        RETURN NULL;
    ELSIF yuan = ANY(told) THEN
        RETURN TRUE;
    ELSIF cardinality(told) = 1 THEN
        RETURN FALSE;
    END IF;
    once := quality.yuan_in_text(quality.said_once(about));
    RETURN yuan = (SELECT sum(one) FROM unnest(CASE WHEN once = '{}' THEN told ELSE once END) AS one);
END
$$;
