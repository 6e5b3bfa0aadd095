with customers as (
    {{ customers_by_source() }}
)

select
    reviews.review_source_id as review_id,
    reviews.product_id,
    customers.customer_id,
    reviews.reviewed_at,
    {{ local_date('reviews.reviewed_at') }} as review_date,
    reviews.rating,
    reviews.title,
    reviews.body
from {{ ref('conformed__reviews_judged') }} as reviews
left join customers on reviews.customer_source_id = customers.customer_source_id
where reviews.quarantine_reason is null and reviews.drop_reason is null
