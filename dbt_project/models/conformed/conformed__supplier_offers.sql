-- A trade item number that one product of the catalogue carries, and no other, names that product; any other offer has none yet.
-- Brands are spelled as the catalogue spells them.
with numbered as (
    {{ products_by_gtin() }}
),

brands as (
    {{ usual_spellings([ref('conformed__products')], 'brand') }}
)

select
    offers.supplier,
    offers.supplier_sku,
    numbered.product_id,
    offers.gtin,
    offers.model_number,
    offers.product_name,
    coalesce(brands.spelling, offers.brand) as brand,
    {{ in_shop_currency('offers.price_cents', 'offers.rate') }} as price_cents,
    offers.weight_g,
    offers.lead_time_days,
    offers.units_available,
    offers.updated_at
from {{ ref('conformed__supplier_offers_judged') }} as offers
left join numbered on offers.gtin = numbered.gtin
left join brands on {{ spelling_key('offers.brand') }} = brands.spelling_key
where offers.quarantine_reason is null and offers.drop_reason is null
