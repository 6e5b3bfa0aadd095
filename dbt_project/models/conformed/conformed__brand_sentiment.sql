-- Brands are called as the catalogue calls them, however a post or a feed spells them.
with brands as (
    select
        {{ plain_name('brand') }} as plain_brand,
        min(brand) as brand
    from {{ ref('conformed__products') }}
    where brand is not null
    group by 1
)

select
    coalesce(brands.brand, sentiments.brand) as brand,
    sentiments.sentiment_date,
    sentiments.sentiment,
    sentiments.count_posts,
    sentiments.known_at
from {{ ref('conformed__brand_sentiment_judged') }} as sentiments
left join brands on {{ plain_name('sentiments.brand') }} = brands.plain_brand
where sentiments.quarantine_reason is null and sentiments.drop_reason is null
