{# The ways to propose a product to a customer, beside having bought it. #}
{% macro proposal_origins() -%}
    {{ return(['popular', 'product_group', 'maker', 'new_products', 'neighbours', 'interest']) }}
{%- endmacro %}

{#
    Pairs that are worth a look, a row for each way to them: as_of_date, customer_id, product_id, origin. Stands in features_customer_product and
    reads its CTEs customers, products, favourite_groups, maker_history, neighbours and interest.
#}
{% macro proposals() -%}
    select
        customers.as_of_date,
        customers.customer_id,
        products.product_id,
        'popular' as origin
    from customers
    inner join products
        on customers.as_of_date = products.as_of_date
    where products.popularity_rank <= {{ var('popular_candidates', 60) }}
    {% set is_best_of_group = 'products.product_group_rank <= ' ~ var('group_candidates', 5) %}
    {% set is_newest_of_group = 'products.product_group_age_rank <= ' ~ var('new_candidates', 1) %}
    {% for origin, is_proposed in {
        'product_group': is_best_of_group,
        'new_products': 'products.age_days <= ' ~ new_days() ~ ' and (' ~ is_best_of_group ~ ' or ' ~ is_newest_of_group ~ ')',
    }.items() %}
    union all
    select
        favourite_groups.as_of_date,
        favourite_groups.customer_id,
        products.product_id,
        '{{ origin }}' as origin
    from favourite_groups
    inner join products
        on
            favourite_groups.as_of_date = products.as_of_date
            and favourite_groups.product_group = products.product_group
    where
        favourite_groups.group_rank <= {{ var('favourite_groups', 20) }}
        and {{ is_proposed }}
    {% endfor %}
    union all
    select
        maker_history.as_of_date,
        maker_history.customer_id,
        products.product_id,
        'maker' as origin
    from maker_history
    inner join products
        on
            maker_history.as_of_date = products.as_of_date
            and maker_history.maker = products.maker
    where
        maker_history.maker_rank <= {{ var('favourite_makers', 10) }}
        and products.maker_rank <= {{ var('maker_candidates', 3) }}
    union all
    select
        as_of_date,
        customer_id,
        product_id,
        'neighbours' as origin
    from neighbours
    union all
    select
        interest.as_of_date,
        interest.customer_id,
        interest.product_id,
        'interest' as origin
    from interest
    inner join products
        on
            interest.as_of_date = products.as_of_date
            and interest.product_id = products.product_id
    where interest.interest_rank <= {{ var('interest_candidates', 30) }}
{%- endmacro %}
