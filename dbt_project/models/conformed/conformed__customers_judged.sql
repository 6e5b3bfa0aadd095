{{ judged('customers', key=['customer_source_id'], known_at='registered_at') }}
