{# Money is whole cents, so that sums are exact whatever the order of adding. #}
{% macro to_cents(amount) -%}
    cast(round(({{ amount }}) * 100) as bigint)
{%- endmacro %}

{# Cents of several lines in the shop's currency, each line rounded by itself; an order that was called off earns nothing. #}
{% macro sum_in_shop_currency(cents) -%}
    cast(sum(case when is_cancelled then 0 else cast(round(coalesce({{ cents }}, 0) * rate) as bigint) end) as bigint)
{%- endmacro %}

{# Cents of another currency in the shop's; null where either is unknown. #}
{% macro in_shop_currency(cents, rate) -%}
    cast(round({{ cents }} * {{ rate }}) as bigint)
{%- endmacro %}
