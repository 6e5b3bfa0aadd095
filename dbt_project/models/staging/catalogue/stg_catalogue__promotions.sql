-- A promotion is shown on the site for its week.
select
    {{ product_number('product_id') }} as product_source_id,
    first_date as week_start_date,
    last_date as week_end_date,
    true as is_displayed,
    false as is_mailed,
    {{ share('discount') }} as discount_share,
    load_id
from {{ source('catalogue', 'catalogue__promotions') }}
