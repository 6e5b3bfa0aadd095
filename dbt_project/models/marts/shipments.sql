select
    shipment_id,
    order_id,
    shipped_at,
    shipped_date,
    delivered_at,
    carrier,
    country,
    region
from {{ ref('conformed__shipments') }}
