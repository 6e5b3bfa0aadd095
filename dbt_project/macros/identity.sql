{#
    What identity resolution (privacy/identity) hands over: of each source's id of a person, whose it is, and what an analyst may see of
    them. Empty until it has run, and for a shop without personal columns: then each source's id is a customer of its own.
#}
{% macro identity_tables() -%}
    create schema if not exists identity;
    create table if not exists identity.crosswalk (subject_id varchar, customer_id varchar);
    create table if not exists identity.attributes (
        customer_id varchar, birth_year_band varchar, region varchar, gender varchar, loyalty_tier varchar, has_marketing_consent boolean
    );
{%- endmacro %}

{# The customer of a source's id; join conformed__customer_ids, whose alias `ids` is. #}
{% macro customer_of(column, ids='customer_ids') -%}
    coalesce({{ ids }}.customer_id, {{ column }})
{%- endmacro %}

{# Keys of rows of this table whose customer may be another now. #}
{% macro rows_of_moved_customers(key) -%}
    select {{ key }} from {this} where customer_id in (select source_customer_id from {changes} union all select customer_id from {changes})
{%- endmacro %}
