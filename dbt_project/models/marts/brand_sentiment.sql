-- One brand under two spellings that was read at one moment: the reading of more posts counts.
with readings as (
    select
        brand,
        sentiment_date,
        known_at,
        sentiment,
        count_posts,
        row_number() over (
            partition by brand, sentiment_date, known_at
            order by coalesce(count_posts, 0) desc, sentiment asc
        ) as place
    from {{ ref('conformed__brand_sentiment') }}
)

select
    brand,
    sentiment_date,
    known_at,
    coalesce(lead(known_at) over (partition by brand, sentiment_date order by known_at), {{ end_of_time() }}) as valid_to_at,
    sentiment,
    count_posts
from readings
where place = 1
