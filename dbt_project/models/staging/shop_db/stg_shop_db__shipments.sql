select
    shipment_id as shipment_source_id,
    order_id as order_source_id,
    shipped_at,
    delivered_at,
    trim(carrier) as carrier,
    {{ country_code('country') }} as country,
    region,
    updated_at,
    load_id
from {{ source('shop_db', 'shop_db__shipments') }}
