-- An update with an impossible price is no newer word on the product: the version before it counts. One that never had a price is a product all the
-- same, whose price is unknown.
{{ judged('products', key=['product_source_id'], checks=[(
    "list_price_cents < 0 or (list_price_cents = 0 and max(list_price_cents) over (partition by system, product_source_id) > 0)",
    "price not positive"
)]) }}
