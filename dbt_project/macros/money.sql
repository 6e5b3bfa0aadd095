{# Money is whole cents, so that sums are exact whatever the order of adding. #}
{% macro to_cents(amount) -%}
    cast(round({{ amount }} * 100) as bigint)
{%- endmacro %}
