-- Two systems that price one product from one day on: the lower price is the one that is paid.
with prices as (
    select
        product_id,
        valid_from_date,
        list_price_cents,
        discount_share,
        row_number() over (
            partition by product_id, valid_from_date
            order by list_price_cents * (1 - discount_share) asc, list_price_cents asc
        ) as place
    from {{ ref('conformed__prices') }}
)

select
    product_id,
    valid_from_date,
    coalesce(lead(valid_from_date) over (partition by product_id order by valid_from_date), date '9999-12-31') as valid_to_date,
    list_price_cents,
    discount_share,
    cast(round(list_price_cents * (1 - discount_share)) as bigint) as price_cents
from prices
where place = 1
