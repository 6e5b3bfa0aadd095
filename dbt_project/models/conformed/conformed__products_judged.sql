-- An update with an impossible price is no newer word on the product: the version before it counts.
{{ judged('products', key=['product_source_id'], checks=[("list_price_cents <= 0", "price not positive")]) }}
