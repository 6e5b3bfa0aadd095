select
    payment_id,
    order_id,
    paid_at,
    payment_date,
    amount_cents,
    paid_cents,
    currency,
    method
from {{ ref('conformed__payments') }}
