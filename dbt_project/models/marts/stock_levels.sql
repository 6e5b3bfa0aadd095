-- Two systems that tell of one product on one day: the fewer units are the safer word, and that there are none.
select
    product_id,
    stock_date,
    min(units_on_hand) as units_on_hand,
    min(units_on_order) as units_on_order,
    max(case when is_available then 0 else 1 end) = 1 as is_out_of_stock
from {{ ref('conformed__stock_levels') }}
group by 1, 2
