select
    shop as competitor,
    {{ one_line('title') }} as product_name,
    category,
    {{ price_on_page('price') }} as price_cents,
    {{ currency_on_page('price') }} as currency,
    seen_at as known_at,
    load_id
from {{ source('market', 'market__competitor_launches') }}
