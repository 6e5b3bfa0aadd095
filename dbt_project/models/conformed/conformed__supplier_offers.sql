-- An offer is beside the product that matching found for it; any other offer has none yet. Brands are spelled as the catalogue spells them.
with brands as (
    {{ usual_spellings([ref('conformed__products')], 'brand') }}
)

select
    offers.supplier,
    offers.supplier_sku,
    products.product_id,
    case when products.product_id is not null then matched.match_score end as match_score,
    case when products.product_id is not null then matched.match_reason end as match_reason,
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
left join {{ source('matching', 'supplier_products') }} as matched
    on offers.supplier = matched.supplier and offers.supplier_sku = matched.supplier_sku
left join ({{ products_by_source() }}) as products on matched.product_source_id = products.product_source_id
left join brands on {{ spelling_key('offers.brand') }} = brands.spelling_key
where offers.quarantine_reason is null and offers.drop_reason is null
