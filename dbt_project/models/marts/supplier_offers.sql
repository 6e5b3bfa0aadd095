select
    supplier,
    supplier_sku,
    product_id,
    match_score,
    match_reason,
    gtin,
    model_number,
    product_name,
    brand,
    price_cents,
    weight_g,
    lead_time_days,
    units_available,
    updated_at
from {{ ref('conformed__supplier_offers') }}
