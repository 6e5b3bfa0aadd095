-- Brands are called as the catalogue calls them, however a post or a feed spells them.
with brands as (
    {{ usual_spellings([ref('conformed__products')], 'brand') }}
)

select
    coalesce(brands.spelling, sentiments.brand) as brand,
    sentiments.sentiment_date,
    sentiments.sentiment,
    sentiments.count_posts,
    sentiments.known_at
from {{ ref('conformed__brand_sentiment_judged') }} as sentiments
left join brands on {{ spelling_key('sentiments.brand') }} = brands.spelling_key
where sentiments.quarantine_reason is null and sentiments.drop_reason is null
