-- What was left out on purpose, and why. Counted from the source's side, so that the reconciliation can fail.
with promotions_by_product as (
    select
        cast(product_source_id as varchar) as product_source_id,
        count(*) filter (where week_start_date >= {{ plans_known_until() }}) as count_unknown,
        count(*) filter (where week_start_date < {{ plans_known_until() }}) as count_known
    from (
        {{ promotion_rows() }}
    ) as promotions
    group by product_source_id
),

promotions_unknown as (
    select
        'promotions' as entity,
        'not known before as_of_date' as reason,
        cast(sum(count_unknown) as bigint) as count_rows
    from promotions_by_product
    having sum(count_unknown) > 0
),

promotions_repeated as (
    select
        'promotions' as entity,
        'another place in the same store and week' as reason,
        cast(coalesce(sum(count_source_rows - count_stores), 0) as bigint) as count_rows
    from {{ ref('conformed__promotions') }}
    having sum(count_source_rows - count_stores) > 0
),

promotions_orphaned as (
    select
        'promotions' as entity,
        'of a product that is neither in the catalogue nor sold' as reason,
        cast(sum(by_product.count_known) as bigint) as count_rows
    from promotions_by_product as by_product
    left join {{ ref('conformed__products') }} as products on by_product.product_source_id = products.product_id
    where products.product_id is null
    having sum(by_product.count_known) > 0
)

{% for entity in judged_entities() %}
select
    '{{ entity }}' as entity,
    drop_reason as reason,
    count(*) as count_rows
from {{ ref('conformed__' ~ entity ~ '_judged') }}
where drop_reason is not null
group by 1, 2
union all
{%- endfor %}
select * from promotions_unknown
union all
select * from promotions_repeated
union all
select * from promotions_orphaned
