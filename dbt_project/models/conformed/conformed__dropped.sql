-- What was left out on purpose, and why. Counted from the source's side, so that the reconciliation can fail.
with order_lines as (
    select
        'order_lines' as entity,
        drop_reason as reason,
        count(*) as count_rows
    from {{ ref('conformed__order_lines_judged') }}
    where quarantine_reason is null and drop_reason is not null
    group by 1, 2
),

promotions_by_product as (
    select
        system,
        product_source_id,
        count(*) filter (where week_start_date >= {{ as_of_date() }}) as count_unknown,
        count(*) filter (where week_start_date < {{ as_of_date() }}) as count_known
    from ({{ staged('promotions') }}) as promotions
    group by 1, 2
),

promotions_unknown as (
    select
        'promotions' as entity,
        'not known before as_of_date' as reason,
        sum(count_unknown) as count_rows
    from promotions_by_product
    having sum(count_unknown) > 0
),

promotions_repeated as (
    select
        'promotions' as entity,
        'another place in the same store and week' as reason,
        coalesce(sum(count_source_rows - count_stores), 0) as count_rows
    from {{ ref('conformed__promotions') }}
    having sum(count_source_rows - count_stores) > 0
),

promotions_orphaned as (
    select
        'promotions' as entity,
        'of a product that is neither in the catalogue nor sold' as reason,
        sum(by_product.count_known) as count_rows
    from promotions_by_product as by_product
    left join {{ ref('conformed__product_crosswalk') }} as crosswalk
        on by_product.system = crosswalk.system and cast(by_product.product_source_id as string) = crosswalk.source_product_id
    where crosswalk.product_id is null
    having sum(by_product.count_known) > 0
),

coupon_copies as (
    select
        crosswalk.product_id is null as is_orphaned,
        count(*) as count_copies
    from ({{ staged('coupons') }}) as coupons
    left join {{ ref('conformed__product_crosswalk') }} as crosswalk
        on coupons.system = crosswalk.system and coupons.product_source_id = crosswalk.source_product_id
    group by coupons.coupon_id, coupons.product_source_id, coupons.campaign_id, crosswalk.product_id
),

coupons_repeated as (
    select
        'coupons' as entity,
        'exact duplicate' as reason,
        sum(count_copies - 1) as count_rows
    from coupon_copies
    having sum(count_copies - 1) > 0
),

coupons_orphaned as (
    select
        'coupons' as entity,
        'of a product that is neither in the catalogue nor sold' as reason,
        count(*) as count_rows
    from coupon_copies
    where is_orphaned
    having count(*) > 0
),

campaigns_unknown as (
    select
        'campaigns' as entity,
        'not known before as_of_date' as reason,
        count(*) as count_rows
    from ({{ staged('campaigns') }}) as campaigns
    where start_date >= {{ as_of_date() }}
    having count(*) > 0
),

redemptions_unknown as (
    select
        'coupon_redemptions' as entity,
        'not known before as_of_date' as reason,
        count(*) as count_rows
    from ({{ staged('coupon_redemptions') }}) as redemptions
    where redemption_date >= {{ as_of_date() }}
    having count(*) > 0
),

redemptions_orphaned as (
    select
        'coupon_redemptions' as entity,
        'by a customer unknown before as_of_date' as reason,
        count(*) as count_rows
    from ({{ staged('coupon_redemptions') }}) as redemptions
    left join {{ ref('conformed__customer_crosswalk') }} as crosswalk
        on redemptions.system = crosswalk.system and redemptions.customer_source_id = crosswalk.source_customer_id
    where redemptions.redemption_date < {{ as_of_date() }} and crosswalk.customer_id is null
    having count(*) > 0
),

{%- set keyed = {
    'products': ['system', 'product_source_id'],
    'customers': ['system', 'customer_source_id'],
} %}
{% for entity, key in keyed.items() %}
{{ entity }}_repeated as (
    select
        '{{ entity }}' as entity,
        'another row of the same key' as reason,
        sum(count_copies - 1) as count_rows
    from (
        select count(*) as count_copies
        from ({{ staged(entity) }}) as {{ entity }}
        group by {{ key | join(', ') }}
    ) as copies
    having sum(count_copies - 1) > 0
){{ ',' if not loop.last }}
{% endfor %}

select * from order_lines
union all
select * from promotions_unknown
union all
select * from promotions_repeated
union all
select * from promotions_orphaned
union all
select * from coupons_repeated
union all
select * from coupons_orphaned
union all
select * from campaigns_unknown
union all
select * from redemptions_unknown
union all
select * from redemptions_orphaned
union all
select * from products_repeated
union all
select * from customers_repeated
