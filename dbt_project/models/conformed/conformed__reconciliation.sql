-- landed = accepted + quarantined + dropped, each counted on its own side: landed from what came in, accepted from what went on.
{%- set entities = {
    'order_lines': "(select count(*) from " ~ ref('conformed__order_lines') ~ ")",
    'promotions': "(select coalesce(sum(count_stores), 0) from " ~ ref('conformed__promotions') ~ ")",
    'products': "(select count(*) from " ~ ref('conformed__products') ~ " where is_in_catalogue)",
    'customers': "(select count(*) from " ~ ref('conformed__customers') ~ " where has_demographics)",
    'coupons': "(select count(*) from " ~ ref('conformed__coupons') ~ ")",
    'coupon_redemptions': "(select count(*) from " ~ ref('conformed__coupon_redemptions') ~ ")",
    'campaigns': "(select count(*) from " ~ ref('conformed__campaigns') ~ ")",
} %}

with landed as (
    {%- for entity in entities %}
    select
        '{{ entity }}' as entity,
        count(*) as landed
    from ({{ staged(entity) }}) as {{ entity }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

accepted as (
    {%- for entity, count_accepted in entities.items() %}
    select
        '{{ entity }}' as entity,
        cast({{ count_accepted }} as bigint) as accepted
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

quarantined as (
    select
        entity,
        count(*) as quarantined
    from {{ ref('conformed__quarantine') }}
    group by 1
),

dropped as (
    select
        entity,
        cast(sum(count_rows) as bigint) as dropped
    from {{ ref('conformed__dropped') }}
    group by 1
)

select
    landed.entity,
    landed.landed,
    accepted.accepted,
    coalesce(quarantined.quarantined, 0) as quarantined,
    coalesce(dropped.dropped, 0) as dropped
from landed
inner join accepted on landed.entity = accepted.entity
left join quarantined on landed.entity = quarantined.entity
left join dropped on landed.entity = dropped.entity
