-- Known from the moment it was read, not from the day it describes.
select * from (
    {{ judged(
        'brand_sentiment',
        key=['brand', 'sentiment_date', 'known_at'],
        known_at='known_at',
        checks=[
            ("sentiment is null or not sentiment between -1 and 1", "sentiment missing or out of range"),
            ("count_posts < 0", "posts negative"),
            ("known_at < sentiment_date", "known before its day"),
        ],
    ) }}
) as judged
