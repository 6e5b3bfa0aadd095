-- Who answered before logging in is known by the device, where only one customer ever used it.
with customers as (
    {{ customers_by_source() }}
)

select
    answers.answer_source_id as answer_id,
    answers.device_source_id as device_id,
    coalesce(customers.customer_id, devices.customer_id) as customer_id,
    case
        when customers.customer_id is not null then answers.answered_at
        when devices.customer_id is not null then greatest(answers.answered_at, devices.customer_known_at)
    end as customer_known_at,
    answers.answered_at,
    {{ local_date('answers.answered_at') }} as answer_date,
    answers.score,
    answers.comment
from {{ ref('conformed__survey_answers_judged') }} as answers
left join customers on answers.customer_source_id = customers.customer_source_id
left join {{ ref('conformed__device_customers') }} as devices
    on answers.device_source_id = devices.device_id and answers.customer_source_id is null
where answers.quarantine_reason is null and answers.drop_reason is null
