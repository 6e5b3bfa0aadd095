select
    household_id::string as customer_source_id,
    age as age_band,
    income as income_band,
    home_ownership,
    marital_status,
    household_size,
    household_comp as household_composition,
    kids_count,
    load_id
from {{ source('complete_journey', 'complete_journey__demographics') }}
