{#
    What is said of another thing waits for it: a payment for its order, a review for its product. These macros are the tables that such rows are
    looked up in. Whoever has no parent yet is quarantined with that reason and judged anew by every build, so nobody needs to remember it.
#}

{# The orders of the shop, accepted ones and those that the run may not know yet: order_source_id, ordered_at, currency, is_unknown_yet. #}
{% macro orders_by_source() -%}
    {%- if has('orders') %}
    select
        order_id as order_source_id,
        ordered_at,
        currency,
        false as is_unknown_yet
    from {{ ref('conformed__orders') }}
    union all
    select distinct
        order_source_id,
        cast(null as timestamp) as ordered_at,
        cast(null as varchar) as currency,
        true as is_unknown_yet
    from {{ ref('conformed__orders_judged') }}
    where drop_reason = 'not known before as_of_date'
    {%- else %}
    select
        order_id as order_source_id,
        min(ordered_at) as ordered_at,
        cast(null as varchar) as currency,
        false as is_unknown_yet
    from {{ ref('conformed__sold_lines') }}
    group by 1
    {%- endif %}
{%- endmacro %}

{# Every source's name for a product: product_source_id, product_id. #}
{% macro products_by_source() -%}
    select distinct
        source_product_id as product_source_id,
        product_id
    from {{ ref('conformed__product_crosswalk') }}
{%- endmacro %}

{# The products that a trade item number names: gtin, product_id. One that several products carry names none. #}
{% macro products_by_gtin() -%}
    select
        gtin,
        min(product_id) as product_id
    from {{ ref('conformed__products') }}
    where gtin is not null
    group by 1
    having count(*) = 1
{%- endmacro %}

{# Every source's name for a customer: customer_source_id, customer_id. #}
{% macro customers_by_source() -%}
    select distinct
        source_customer_id as customer_source_id,
        customer_id
    from {{ ref('conformed__customer_crosswalk') }}
{%- endmacro %}

{# The condition that a rate is that of a currency on a day; join conformed.exchange_rates by it. #}
{% macro rate_of(currency, day, rates='rates') -%}
    {{ rates }}.currency = {{ currency }}
    and cast({{ day }} as date) >= {{ rates }}.valid_from_date
    and cast({{ day }} as date) < {{ rates }}.valid_to_date
{%- endmacro %}

{# The currency that a source names, else the shop's. #}
{% macro currency_of(column) -%}
    upper(coalesce({{ column }}, '{{ var("currency") }}'))
{%- endmacro %}
