{# What sources write in many ways, as the one that conformed reads. #}

{# A country's ISO 3166 code, from its code or its name in the languages around the shop; what is not known stays as it is. #}
{% macro country_code(text) -%}
    case
        when lower(trim({{ text }})) in ('de', 'deu', 'd', 'deutschland', 'germany', 'allemagne', 'duitsland') then 'DE'
        when lower(trim({{ text }})) in ('at', 'aut', 'a', 'österreich', 'austria', 'autriche', 'oostenrijk') then 'AT'
        when lower(trim({{ text }})) in ('ch', 'che', 'schweiz', 'switzerland', 'suisse', 'svizzera', 'zwitserland') then 'CH'
        when lower(trim({{ text }})) in ('nl', 'nld', 'niederlande', 'netherlands', 'the netherlands', 'nederland', 'pays-bas') then 'NL'
        when lower(trim({{ text }})) in ('fr', 'fra', 'f', 'frankreich', 'france', 'frankrijk') then 'FR'
        when lower(trim({{ text }})) in ('gb', 'gbr', 'uk', 'großbritannien', 'united kingdom', 'great britain', 'royaume-uni') then 'GB'
        when lower(trim({{ text }})) in ('us', 'usa', 'united states', 'united states of america', 'vereinigte staaten') then 'US'
        else nullif(upper(trim({{ text }})), '')
    end
{%- endmacro %}

{# A currency's ISO 4217 code, from its code, its sign or its name. #}
{% macro currency_code(text) -%}
    case
        when lower(trim({{ text }})) in ('€', 'euro') then 'EUR'
        when lower(trim({{ text }})) in ('sfr.', 'sfr', 'fr.', 'franken') then 'CHF'
        when trim({{ text }}) = '£' then 'GBP'
        when upper(trim({{ text }})) in ('$', 'US$') then 'USD'
        else nullif(upper(trim({{ text }})), '')
    end
{%- endmacro %}

{# An amount of money as text, with a decimal point or, as Germans write it, 1.234,50; null where it is none. #}
{% macro written_amount(text) -%}
    try_cast(
        case
            when {{ text }} like '%,%' then replace(replace(trim({{ text }}), '.', ''), ',', '.')
            else trim({{ text }})
        end as decimal(18, 2)
    )
{%- endmacro %}

{# A product's number without what people put into it: blanks, hyphens, small letters. #}
{% macro product_number(text) -%}
    nullif(upper(replace(replace(trim({{ text }}), '-', ''), ' ', '')), '')
{%- endmacro %}

{# Text in which nothing is said. #}
{% macro said(text) -%}
    case when lower(trim({{ text }})) not in ('', '-', 'n/a', 'na', 'none', 'null') then trim({{ text }}) end
{%- endmacro %}
