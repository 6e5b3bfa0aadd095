select
    campaign_id,
    campaign_type,
    start_date,
    end_date,
    count_customers,
    count_coupons
from {{ ref('conformed__campaigns') }}
