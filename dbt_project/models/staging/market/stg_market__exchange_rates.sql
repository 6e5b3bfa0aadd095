select
    {{ currency_code('currency') }} as currency,
    rate_date,
    rate,
    cast(null as timestamp) as known_at,
    load_id
from {{ source('market', 'market__exchange_rates') }}
