{# What people and programs write in many ways, made one: text of the web, units, and the spelling that is usual. #}

{# A text with every place that matches the pattern (without backslashes) replaced. #}
{% macro replaced(text, pattern, by='') -%}
    {{ return(adapter.dispatch('replaced')(text, pattern, by)) }}
{%- endmacro %}

{% macro default__replaced(text, pattern, by='') -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ by }}', 'g')
{%- endmacro %}

{% macro spark__replaced(text, pattern, by='') -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ by }}')
{%- endmacro %}

{#
    Text of a web page as it is read there: line breaks as a blank, no other markup of HTML, the characters that entities stand for. What merely
    looks like markup ("< 2 m", "<3", "</review>") is what somebody wrote, and stays. The entity of & comes last, so that nothing is taken apart twice.
#}
{% macro plain_text(text) -%}
    {%- set entities = {
        '&nbsp;': ' ', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "''", '&auml;': 'ä', '&ouml;': 'ö', '&uuml;': 'ü', '&szlig;': 'ß',
        '&#228;': 'ä', '&#246;': 'ö', '&#252;': 'ü', '&amp;': '&'
    } -%}
    {%- set tags = 'a|abbr|b|big|blockquote|center|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|script|small|span|strong|style|sub|sup|table|tbody|td|th|thead|tr|u|ul' -%}
    {%- set found = {'sql': replaced(replaced(text, '(?i) *<br ?/?> *', ' '), '(?i)</?(' ~ tags ~ ')( [^<>]*)?/?>')} -%}
    {%- for entity, character in entities.items() -%}
        {%- do found.update({'sql': 'replace(' ~ found.sql ~ ", '" ~ entity ~ "', '" ~ character ~ "')"}) -%}
    {%- endfor -%}
    case
        when {{ text }} like '%&%' or {{ text }} like '%<%' then nullif(trim({{ found.sql }}), '')
        else nullif(trim({{ text }}), '')
    end
{%- endmacro %}

{# A name on one line, with single blanks. U+00A0 is a blank that does not break. #}
{% macro one_line(text) -%}
    trim({{ replaced(text, '[[:space:]\u00a0]+', ' ') }})
{%- endmacro %}

{# What spellings of one name have in common: no case, accents, signs or legal form; an umlaut is its letter, written with or without an e. #}
{% macro spelling_key(text) -%}
    {%- set small = "replace(replace(lower(" ~ text ~ "), '&amp;', ' and '), '&', ' and ')" -%}
    {%- set named = replaced(small, ' +(gmbh|ag|kg|inc|ltd)[.]? *$') -%}
    {%- set letters = "replace(translate(" ~ named ~ ", 'äöüáàâéèêëíîóôúûçñ', 'aouaaaeeeeiioouucn'), 'ß', 'ss')" -%}
    {{ replaced("replace(replace(replace(" ~ letters ~ ", 'ae', 'a'), 'oe', 'o'), 'ue', 'u')", '[^a-z0-9]') }}
{%- endmacro %}

{#
    Of each name in `column` of these relations, heard together, the usual spelling: spelling_key, spelling. The most frequent one counts, of
    equals the one that is neither all capitals nor all small letters, with signs and accents rather than without.
#}
{% macro usual_spellings(relations, column) -%}
    select
        spelling_key,
        spelling
    from (
        select
            spelling_key,
            spelling,
            row_number() over (
                partition by spelling_key
                order by
                    count_rows desc,
                    case when spelling in (upper(spelling), lower(spelling)) then 1 else 0 end asc,
                    {{ replaced('spelling', '[a-zA-Z0-9 ]') }} desc,
                    spelling asc
            ) as place
        from (
            select
                {{ spelling_key('told') }} as spelling_key,
                told as spelling,
                count(*) as count_rows
            from (
                {%- for relation in relations %}
                select {{ column }} as told from {{ relation }}
                {%- if not loop.last %}
                union all
                {%- endif %}
                {%- endfor %}
            ) as witnesses
            where told is not null
            group by 1, 2
        ) as counted
    ) as placed
    where place = 1
{%- endmacro %}

{# A price as it stands on a page, in cents: 12,99 €; €12.99; CHF 1'299.00; 1.299 €. Null where there is none. #}
{% macro price_on_page(text) -%}
    {%- set amount = replaced(text, '[^0-9.,-]') -%}
    {%- set pattern = '^(-?[0-9.,]*?)([.,]([0-9][0-9]?))?[.,-]*$' -%}
    {%- set whole = replaced("regexp_extract(" ~ amount ~ ", '" ~ pattern ~ "', 1)", '[.,]') -%}
    {%- set rest = "rpad(regexp_extract(" ~ amount ~ ", '" ~ pattern ~ "', 3), 2, '0')" -%}
    case when {{ matches(text, '[0-9]') }} then try_cast({{ whole }} || {{ rest }} as bigint) end
{%- endmacro %}

{# The currency that a price on a page names; null where it names none. #}
{% macro currency_on_page(text) -%}
    case
        when {{ text }} like '%€%' or upper({{ text }}) like '%EUR%' then 'EUR'
        when upper({{ text }}) like '%CHF%' or {{ text }} like '%Fr.%' then 'CHF'
        when {{ text }} like '%£%' or upper({{ text }}) like '%GBP%' then 'GBP'
        when {{ text }} like '%$%' or upper({{ text }}) like '%USD%' then 'USD'
    end
{%- endmacro %}

{# A share of one, from "0.2", "0,2" or "20 %". #}
{% macro share(text) -%}
    case
        when {{ text }} like '%!%%' escape '!' then {{ number("replace(" ~ text ~ ", '%', '')") }} / 100
        else {{ number(text) }}
    end
{%- endmacro %}

{# A number with a decimal point or a decimal comma. #}
{% macro number(text) -%}
    try_cast(replace(trim({{ text }}), ',', '.') as double)
{%- endmacro %}

{# Whole millimetres; null for a unit that nobody knows. Nothing in a shop is measured finer. #}
{% macro in_millimetres(length, unit) -%}
    round({{ length }} * case lower(trim({{ unit }}))
        when 'mm' then 1.0 when 'cm' then 10.0 when 'm' then 1000.0 when 'in' then 25.4 when 'inch' then 25.4 when 'ft' then 304.8
    end)
{%- endmacro %}

{# Whole grams; null for a unit that nobody knows. #}
{% macro in_grams(weight, unit) -%}
    round({{ weight }} * case lower(trim({{ unit }}))
        when 'g' then 1.0 when 'kg' then 1000.0 when 'lb' then 453.59237 when 'lbs' then 453.59237 when 'oz' then 28.349523125
    end)
{%- endmacro %}

{# A global trade item number as its digits; null where its length or its check digit says that it is none. #}
{% macro trade_item_number(text) -%}
    {%- set digits = replaced(text, '[^0-9]') -%}
    {%- set padded = "lpad(" ~ digits ~ ", 14, '0')" -%}
    case
        when length({{ digits }}) in (8, 12, 13, 14) and (
            {%- for place in range(1, 15) %}
            {{ '+ ' if place > 1 }}{{ 3 if place % 2 else 1 }} * cast(substr({{ padded }}, {{ place }}, 1) as integer)
            {%- endfor %}
        ) % 10 = 0 then {{ digits }}
    end
{%- endmacro %}

{#
    A name that was written in capitals or small letters alone, as its words are written in other names; `writings` is the map that
    word_writings makes. A word is looked for behind the word before it, for it may be written otherwise elsewhere (Night Light; light, heavy;
    1 l; size L), then alone; one that stands nowhere else begins with a capital.
#}
{% macro recased(text, writings) -%}
    {%- set words = "string_split(lower(" ~ text ~ "), ' ')" -%}
    array_to_string(
        [
            coalesce(
                {{ writings }}[concat({{ words }}[place - 1], ' ', {{ words }}[place])],
                {{ writings }}[{{ words }}[place]],
                concat(upper(left({{ words }}[place], 1)), substr({{ words }}[place], 2))
            )
            for place in range(1, len({{ words }}) + 1)
        ],
        ' '
    )
{%- endmacro %}

{# How the words of the well-written texts in `column` of `rows` are usually written, alone and behind the word before them, as one map. #}
{% macro word_writings(rows, column) -%}
    select map_from_entries(list((word_key, word))) as writings
    from (
        select
            word_key,
            word
        from (
            select
                word,
                unnest([lower(word), concat(lower(word_before), ' ', lower(word))]) as word_key
            from (
                select
                    string_split({{ column }}, ' ')[place] as word,
                    string_split({{ column }}, ' ')[place - 1] as word_before
                from (
                    select
                        {{ column }},
                        unnest(range(1, len(string_split({{ column }}, ' ')) + 1)) as place
                    from {{ rows }}
                ) as places
            ) as words
        ) as keyed
        group by 1, 2
        qualify row_number() over (partition by word_key order by count(*) desc, word asc) = 1
    ) as usual
{%- endmacro %}
