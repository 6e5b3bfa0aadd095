select
    product_id,
    week_start_date,
    week_end_date,
    count_stores,
    count_stores_displayed,
    count_stores_mailed,
    discount_share
from {{ ref('conformed__promotions') }}
