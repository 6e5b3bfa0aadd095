{{ judged('products', key=['product_source_id']) }}
