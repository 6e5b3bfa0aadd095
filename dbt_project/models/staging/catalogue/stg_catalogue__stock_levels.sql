select
    {{ product_number('product_id') }} as product_source_id,
    stock_date,
    units_on_hand,
    units_on_order,
    load_id
from {{ source('catalogue', 'catalogue__stock_levels') }}
