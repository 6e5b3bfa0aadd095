{{ judged('orders', key=['order_source_id'], required=['order_source_id', 'customer_source_id', 'ordered_at'], known_at='ordered_at') }}
