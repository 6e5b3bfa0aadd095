{# dbt wants a model's name once in a project; a table is named within its layer: conformed__orders is conformed.orders. #}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {{ custom_alias_name or node.name | replace('conformed__', '') }}
{%- endmacro %}
