-- Two pages of a competitor that were scraped at one moment: the lower price counts.
with scraped as (
    select
        product_id,
        competitor,
        known_at,
        min(price_cents) as price_cents
    from {{ ref('conformed__competitor_prices') }}
    group by 1, 2, 3
)

select
    product_id,
    competitor,
    known_at,
    coalesce(lead(known_at) over (partition by product_id, competitor order by known_at), {{ end_of_time() }}) as valid_to_at,
    price_cents
from scraped
