{# What a return is matched within: the product in its order, where it names one, else in all that its customer bought. #}
{% macro match_key(product, order, customer) -%}
    {{ product }} || '/' || coalesce('order ' || {{ order }}, 'customer ' || {{ customer }})
{%- endmacro %}
