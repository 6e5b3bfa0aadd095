-- A delivery on as_of_date or later has not happened yet.
select
    shipment_source_id as shipment_id,
    order_source_id as order_id,
    shipped_at,
    {{ local_date('shipped_at') }} as shipped_date,
    case when delivered_at < {{ as_of_timestamp() }} then delivered_at end as delivered_at,
    carrier,
    upper(country) as country,
    region
from {{ ref('conformed__shipments_judged') }}
where quarantine_reason is null and drop_reason is null
