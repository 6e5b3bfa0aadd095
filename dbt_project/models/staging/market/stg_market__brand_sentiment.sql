-- Of the spellings of a brand the one that is usual here; conformed calls it as the catalogue does.
with brands as (
    {{ usual_spellings([source('market', 'market__brand_sentiment')], 'brand') }}
)

select
    brands.spelling as brand,
    sentiments.sentiment_date,
    sentiments.sentiment,
    sentiments.count_posts,
    sentiments.read_at as known_at,
    sentiments.load_id
from {{ source('market', 'market__brand_sentiment') }} as sentiments
left join brands on {{ spelling_key('sentiments.brand') }} = brands.spelling_key
