-- Categories are spelled as the catalogue spells them.
with categories as (
    {{ usual_spellings([ref('conformed__products')], 'category') }}
)

select
    launches.competitor,
    launches.product_name,
    coalesce(categories.spelling, launches.category) as category,
    {{ in_shop_currency('launches.price_cents', 'launches.rate') }} as price_cents,
    launches.known_at
from {{ ref('conformed__competitor_launches_judged') }} as launches
left join categories on {{ spelling_key('launches.category') }} = categories.spelling_key
where launches.quarantine_reason is null and launches.drop_reason is null
