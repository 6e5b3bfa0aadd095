select
    indicator,
    period_start_date,
    value,
    known_at
from {{ ref('conformed__economic_indicators_judged') }}
where quarantine_reason is null and drop_reason is null
