select
    product_id,
    competitor,
    {{ in_shop_currency('price_cents', 'rate') }} as price_cents,
    known_at
from {{ ref('conformed__competitor_prices_judged') }}
where quarantine_reason is null and drop_reason is null
