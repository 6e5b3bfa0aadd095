-- What is found again later was launched when it was found first.
select
    competitor,
    product_name,
    min(known_at) as known_at,
    min_by(category, known_at) as category,
    min_by(price_cents, known_at) as price_cents
from {{ ref('conformed__competitor_launches') }}
group by 1, 2
