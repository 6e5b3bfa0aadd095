-- Two systems that count one product on one day: the fewer units are the safer word.
select
    product_id,
    stock_date,
    min(units_on_hand) as units_on_hand,
    min(units_on_order) as units_on_order,
    min(units_on_hand) = 0 as is_out_of_stock
from {{ ref('conformed__stock_levels') }}
group by 1, 2
