-- The supplier's name of a product stays as it is: matching products reads it.
select
    'Nordwest Handel' as supplier,
    supplier_sku,
    {{ trade_item_number('gtin') }} as gtin,
    nullif(trim(model_number), '') as model_number,
    {{ one_line('product_name') }} as product_name,
    brand,
    {{ to_cents('price') }} as price_cents,
    {{ currency_code('currency') }} as currency,
    {{ in_grams('weight_lb', "'lb'") }} as weight_g,
    lead_time_days,
    units_available,
    cast(updated_date as timestamp) as updated_at,
    load_id
from {{ source('supplier', 'supplier__offers') }}
