select
    response_id as answer_source_id,
    user_pseudo_id as device_source_id,
    user_id as customer_source_id,
    submitted_at as answered_at,
    score,
    {{ plain_text('comment') }} as comment,
    load_id
from {{ source('web_analytics', 'web_analytics__survey_answers') }}
