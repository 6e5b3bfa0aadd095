select
    order_id as order_source_id,
    customer_id as customer_source_id,
    ordered_at,
    case
        when lower(trim(status)) in ('placed', 'neu', 'new') then 'placed'
        when lower(trim(status)) in ('paid', 'bezahlt') then 'paid'
        when lower(trim(status)) in ('shipped', 'versandt') then 'shipped'
        when lower(trim(status)) in ('delivered', 'zugestellt') then 'delivered'
        when lower(trim(status)) in ('cancelled', 'canceled', 'storniert') then 'cancelled'
        when lower(trim(status)) in ('returned', 'retourniert') then 'returned'
        else lower(trim(status))
    end as status,
    {{ currency_code('currency') }} as currency,
    lower(trim(channel)) as channel,
    updated_at,
    case when lower(trim(channel)) = 'test' then 'a test of the shop' end as drop_reason,
    load_id
from {{ source('shop_db', 'shop_db__orders') }}
