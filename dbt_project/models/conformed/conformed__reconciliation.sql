-- landed = accepted + quarantined + dropped, each counted on its own side: landed from what came in, accepted from what went on.
-- Where what went on is not one row a source row, the source's rows are counted in it; two systems that describe one product,
-- or two accounts of one person that a campaign addressed, meet in one row.
{%- set accepted = {'order_lines': "(select sum(count_source_lines) from " ~ ref('conformed__order_lines') ~ ")"} %}
{%- for entity in ['products', 'exchange_rates', 'customers', 'campaign_customers'] %}
{%- do accepted.update({
    entity: "(select count(*) from " ~ ref('conformed__' ~ entity ~ '_judged') ~ " where quarantine_reason is null and drop_reason is null)"
}) %}
{%- endfor %}

with landed as (
    {%- for entity in judged_entities() %}
    select
        '{{ entity }}' as entity,
        count(*) as landed,
        cast(coalesce({{ accepted.get(entity, "(select count(*) from " ~ ref('conformed__' ~ entity) ~ ")") }}, 0) as bigint) as accepted
    from ({{ staged(entity) }}) as {{ entity }}
    union all
    {%- endfor %}
    select
        'promotions' as entity,
        count(*) as landed,
        cast((select coalesce(sum(accepted.count_stores), 0) from {{ ref('conformed__promotions') }} as accepted) as bigint) as accepted
    from (
        {{ promotion_rows() }}
    ) as promotions
),

quarantined as (
    select
        entity,
        cast(sum(count_rows) as bigint) as quarantined
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
    landed.accepted,
    coalesce(quarantined.quarantined, 0) as quarantined,
    coalesce(dropped.dropped, 0) as dropped
from landed
left join quarantined on landed.entity = quarantined.entity
left join dropped on landed.entity = dropped.entity
