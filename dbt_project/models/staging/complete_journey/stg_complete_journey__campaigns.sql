select
    campaign_id::string as campaign_id,
    campaign_type,
    start_date::date as start_date,
    end_date::date as end_date,
    load_id
from {{ source('complete_journey', 'complete_journey__campaign_descriptions') }}
