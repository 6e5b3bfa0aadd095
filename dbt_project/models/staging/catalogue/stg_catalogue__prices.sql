select
    {{ product_number('product_id') }} as product_source_id,
    valid_from_date,
    {{ to_cents(written_amount('amount')) }} as price_cents,
    {{ share('discount') }} as discount_share,
    {{ currency_code('currency') }} as currency,
    load_id
from {{ source('catalogue', 'catalogue__prices') }}
