-- The office writes -999 where it has no value.
select
    indicator,
    period_start_date,
    case when {{ number('value') }} <> -999 then {{ number('value') }} end as value,
    released_at as known_at,
    load_id
from {{ source('market', 'market__economic_indicators') }}
