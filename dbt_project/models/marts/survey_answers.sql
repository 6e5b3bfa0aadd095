select
    answer_id,
    device_id,
    customer_id,
    customer_known_at,
    answered_at,
    answer_date,
    score,
    comment
from {{ ref('conformed__survey_answers') }}
