{# What product matching (matching/step.py) hands over: the shop's product that a supplier's offer is. Empty until it has run. #}
{% macro matching_tables() -%}
    create schema if not exists matching;
    create table if not exists matching.supplier_products (
        supplier varchar, supplier_sku varchar, product_source_id varchar, match_score double, match_reason varchar
    );
{%- endmacro %}
