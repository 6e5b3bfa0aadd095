select
    indicator,
    period_start_date,
    known_at,
    coalesce(lead(known_at) over releases, {{ end_of_time() }}) as valid_to_at,
    cast(row_number() over releases as integer) as release_number,
    value
from {{ ref('conformed__economic_indicators') }}
window releases as (partition by indicator, period_start_date order by known_at)
