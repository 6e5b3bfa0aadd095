select
    product_id,
    valid_from_date,
    {{ in_shop_currency('price_cents', 'rate') }} as list_price_cents,
    coalesce(discount_share, 0) as discount_share
from {{ ref('conformed__prices_judged') }}
where quarantine_reason is null and drop_reason is null
