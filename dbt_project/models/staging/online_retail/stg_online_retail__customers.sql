-- A customer's country is that of the newest line.
with newest as (
    select
        customer_id,
        max(invoiced_at) as invoiced_at
    from {{ source('online_retail', 'online_retail__transactions') }}
    where customer_id is not null and invoiced_at < {{ as_of_timestamp() }}
    group by 1
)

select
    lines.customer_id as customer_source_id,
    min(lines.country) as country,
    min(lines.load_id) as load_id
from {{ source('online_retail', 'online_retail__transactions') }} as lines
inner join newest on lines.customer_id = newest.customer_id and lines.invoiced_at = newest.invoiced_at
group by 1
