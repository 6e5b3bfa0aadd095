{{ config(materialized='by_changed_keys', key='order_source_id', from_loads='orders', times=['ordered_at', 'updated_at']) }}
{{ judged(
    'orders',
    key=['order_source_id'],
    required=['order_source_id', 'ordered_at'],
    known_at='ordered_at',
    checks=[('customer_source_id is null and not coalesce(is_guest, false)', 'no customer')]
) }}
