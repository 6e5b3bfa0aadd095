select
    payment_source_id as payment_id,
    order_source_id as order_id,
    paid_at,
    {{ local_date('paid_at') }} as payment_date,
    {{ in_shop_currency('amount_cents', 'rate') }} as amount_cents,
    amount_cents as paid_cents,
    paid_currency as currency,
    lower(method) as method
from {{ ref('conformed__payments_judged') }}
where quarantine_reason is null and drop_reason is null
