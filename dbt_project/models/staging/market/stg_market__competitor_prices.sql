-- The scraper knows a product by its trade item number.
select
    {{ replaced('gtin', '[^0-9]') }} as gtin,
    shop as competitor,
    {{ price_on_page('price') }} as price_cents,
    {{ currency_on_page('price') }} as currency,
    scraped_at as known_at,
    load_id
from {{ source('market', 'market__competitor_prices') }}
