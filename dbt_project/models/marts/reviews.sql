with bought as (
    select
        customer_id,
        product_id,
        min(order_date) as first_order_date
    from {{ ref('order_lines') }}
    where is_purchase and customer_id is not null
    group by 1, 2
)

select
    reviews.review_id,
    reviews.product_id,
    reviews.customer_id,
    reviews.reviewed_at,
    reviews.review_date,
    reviews.rating,
    reviews.title,
    reviews.body,
    coalesce(bought.first_order_date <= reviews.review_date, false) as is_buyer
from {{ ref('conformed__reviews') }} as reviews
left join bought on reviews.customer_id = bought.customer_id and reviews.product_id = bought.product_id
