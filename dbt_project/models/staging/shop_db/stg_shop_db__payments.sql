select
    payment_id as payment_source_id,
    order_id as order_source_id,
    paid_at,
    {{ to_cents(written_amount('amount')) }} as amount_cents,
    {{ currency_code('currency') }} as currency,
    lower(trim(method)) as method,
    updated_at,
    load_id
from {{ source('shop_db', 'shop_db__payments') }}
