select
    customer_id as customer_source_id,
    age_band,
    case
        when lower(trim(gender)) in ('f', 'female', 'frau', 'w', 'weiblich') then 'f'
        when lower(trim(gender)) in ('m', 'male', 'herr', 'männlich') then 'm'
        when lower(trim(gender)) in ('x', 'divers', 'diverse', 'd') then 'x'
    end as gender,
    {{ country_code('country') }} as country,
    lower(trim(loyalty_tier)) as loyalty_tier,
    case
        when lower(trim(consent)) in ('true', 'ja', 'j', 'yes', 'y', '1') then true
        when lower(trim(consent)) in ('false', 'nein', 'n', 'no', '0') then false
    end as has_marketing_consent,
    registered_at,
    updated_at,
    load_id
from {{ source('crm', 'crm__customers') }}
