-- A store counts once, however many places of it a product stands in.
with by_week as (
    select
        product_source_id,
        week_start_date,
        max(week_end_date) as week_end_date,
        count(*) as count_stores,
        count(*) filter (where is_displayed) as count_stores_displayed,
        count(*) filter (where is_mailed) as count_stores_mailed,
        max(discount_share) as discount_share,
        cast(sum(count_source_rows) as bigint) as count_source_rows
    from (
        select
            product_source_id,
            store_id,
            week_start_date,
            max(week_end_date) as week_end_date,
            bool_or(is_displayed) as is_displayed,
            bool_or(is_mailed) as is_mailed,
            max(discount_share) as discount_share,
            count(*) as count_source_rows
        from (
            {{ promotion_rows() }}
        ) as promotions
        where week_start_date < {{ plans_known_until() }}
        group by 1, 2, 3
    ) as by_store
    group by 1, 2
)

select
    products.product_id,
    by_week.week_start_date,
    by_week.week_end_date,
    by_week.count_stores,
    by_week.count_stores_displayed,
    by_week.count_stores_mailed,
    by_week.discount_share,
    by_week.count_source_rows
from by_week
inner join {{ ref('conformed__products') }} as products on cast(by_week.product_source_id as varchar) = products.product_id
