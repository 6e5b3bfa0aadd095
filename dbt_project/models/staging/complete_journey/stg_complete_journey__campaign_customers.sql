select
    campaign_id::string as campaign_id,
    household_id::string as customer_source_id,
    load_id
from {{ source('complete_journey', 'complete_journey__campaigns') }}
