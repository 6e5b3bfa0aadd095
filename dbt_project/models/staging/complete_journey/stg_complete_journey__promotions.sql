-- Week 1 is Sunday, the first of January, alone; every later week runs from Monday to Sunday.
-- The ids keep the source's type: there are 20.9 M rows to group, and grouping them as text takes three times as long.
select
    product_id as product_source_id,
    store_id,
    case when week = 1 then date '2017-01-01' else date '2017-01-02' + cast(7 * (week - 2) as int) end as week_start_date,
    date '2017-01-01' + cast(7 * (week - 1) as int) as week_end_date,
    display_location <> '0' as is_displayed,
    mailer_location <> '0' as is_mailed
from {{ source('complete_journey', 'complete_journey__promotions') }}
