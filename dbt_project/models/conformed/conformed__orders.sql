{{ config(
    materialized='by_changed_keys',
    key='order_id',
    changed_by={'conformed__orders_judged': 'select order_source_id from {changes}'},
) }}
-- Only shops whose source has orders apart from their lines have rows here; marts.orders has those of every shop.
select
    order_source_id as order_id,
    customer_source_id as customer_id,
    ordered_at,
    {{ local_date('ordered_at') }} as order_date,
    coalesce(lower(status), 'placed') as status,
    {{ currency_of('currency') }} as currency,
    lower(channel) as channel,
    updated_at
from {{ ref('conformed__orders_judged') }}
where quarantine_reason is null and drop_reason is null {{ only_changed('order_source_id') }}
